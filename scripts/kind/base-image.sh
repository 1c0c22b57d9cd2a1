#!/usr/bin/env bash
# Makes a small Debian with iptables: the base of node images, of Heddle's image and of the sample apps where no container
# registry is reachable. Its tree stays in $kind_cache/base. As root.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/settings.sh"
tree=$kind_cache/base

if [ ! -e "$tree.done" ]; then
  [ "$(id -u)" = 0 ] || give_up "debootstrap has to be run as root"
  if ! command -v debootstrap >/dev/null; then
    tell "installing debootstrap"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends debootstrap; } \
      >"$kind_logs/debootstrap-install.log" 2>&1 || give_up "debootstrap cannot be installed"
  fi
  tell "making a small Debian"
  rm -rf "$tree"
  debootstrap --variant=minbase --include=iptables,iproute2,conntrack,ca-certificates,curl "$debian_suite" "$tree" \
    >"$kind_logs/debootstrap.log" 2>&1 || give_up "debootstrap failed; its log: $kind_logs/debootstrap.log"
  "$here/slim.sh" "$tree"
  touch "$tree.done"
fi
has_image "$base_image" || import_tree "$tree" "$base_image" "ENV $container_path" 'CMD ["/bin/bash"]'
