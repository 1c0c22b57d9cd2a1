#!/usr/bin/env bash
# Prints the node image that kind is to use. HEDDLE_KIND_NODE_IMAGE says which; else the stock kindest/node where a container
# registry is reachable; else one that is made here from Debian packages and what binaries.sh compiled. As root.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/settings.sh"

if [ -n "${HEDDLE_KIND_NODE_IMAGE:-}" ]; then
  echo "$HEDDLE_KIND_NODE_IMAGE"
  exit 0
fi
if has_image "$stock_node_image" || timeout 300 docker pull -q "$stock_node_image" >/dev/null 2>"$kind_logs/pull.log"; then
  "$here/binaries.sh" kind kubectl >&2
  echo "$stock_node_image"
  exit 0
fi

"$here/binaries.sh" >&2
mark=$(fingerprint "$here"/{settings,node-image,base-image,slim}.sh "$here"/node/* "$kind_bin"/.{etcd,coredns,kubernetes})
if has_image "$built_node_image" && [ "$(cat "$kind_cache/node-image.mark" 2>/dev/null)" = "$mark" ]; then
  echo "$built_node_image"
  exit 0
fi

"$here/base-image.sh" >&2
base=$kind_cache/base
node=$kind_cache/node

# --- Debian packages of a node ---
if [ ! -e "$node.packages" ]; then
  tell "installing the packages of a node"
  rm -rf "$node"
  cp -a "$base" "$node"
  cp /etc/resolv.conf "$node/etc/"
  inside() { DEBIAN_FRONTEND=noninteractive unshare --mount --pid --fork --mount-proc="$node/proc" chroot "$node" "$@"; }
  { inside apt-get update -q && inside apt-get install -y -q --no-install-recommends systemd systemd-sysv containerd runc \
    containernetworking-plugins kmod mount util-linux procps ethtool socat jq e2fsprogs nftables ebtables; } \
    >"$kind_logs/node-packages.log" 2>&1 || give_up "node packages: see $kind_logs/node-packages.log"
  "$here/slim.sh" "$node"
  touch "$node.packages"
fi

# --- the control plane's own images, under the names that kubeadm asks for ---
tell "making the control plane's images"
one_binary() { # IMAGE BINARY PATH
  local tree
  tree=$(mktemp -d -p "$kind_cache")
  install -D -m 0755 "$2" "$tree$3"
  import_tree "$tree" "$1" "ENV $container_path" "ENTRYPOINT [\"$3\"]"
  rm -r "$tree"
}
registry=registry.k8s.io
images=("$registry/pause:$pause_tag" "$registry/etcd:$etcd_tag" "$registry/coredns/coredns:$coredns_version")
gcc -static -Os -s -o "$kind_cache/pause" "$here/images/pause.c"
one_binary "${images[0]}" "$kind_cache/pause" /pause
one_binary "${images[1]}" "$kind_bin/etcd" /usr/local/bin/etcd
one_binary "${images[2]}" "$kind_bin/coredns" /coredns
for name in kube-apiserver kube-controller-manager kube-scheduler; do
  one_binary "$registry/$name:$kubernetes_version" "$kind_bin/$name" "/usr/local/bin/$name"
  images+=("$registry/$name:$kubernetes_version")
done
install -m 0755 "$kind_bin/kube-proxy" "$base/usr/local/bin/" # calls iptables: it stands on the small Debian
import_tree "$base" "$registry/kube-proxy:$kubernetes_version" "ENV $container_path"
rm "$base/usr/local/bin/kube-proxy"
images+=("$registry/kube-proxy:$kubernetes_version")
docker save -o "$kind_cache/images.tar" "${images[@]}"

# --- what makes Debian a node ---
put() { install -D -m "$1" "$2" "$node$3"; }
for name in kubeadm kubelet kubectl; do put 0755 "$kind_bin/$name" "/usr/bin/$name"; done
put 0755 "$here/node/entrypoint" /usr/local/bin/entrypoint
put 0755 "$here/node/before-kubelet" /usr/local/sbin/before-kubelet
put 0755 "$here/node/pod-network" /usr/local/sbin/pod-network
put 0644 "$here/node/kubelet.service" /etc/systemd/system/kubelet.service
put 0644 "$here/node/pod-network.service" /etc/systemd/system/pod-network.service
put 0644 "$here/node/journald.conf" /etc/systemd/journald.conf.d/node.conf
put 0644 "$here/node/default-cni.yaml" /kind/manifests/default-cni.yaml # kind applies these two
put 0644 "$here/node/default-storage.yaml" /kind/manifests/default-storage.yaml
sed "s/@PAUSE@/$pause_tag/" "$here/node/containerd.toml" >"$node/etc/containerd/config.toml"
printf %s "$kubernetes_version" >"$node/kind/version" # kind reads it
mkdir -p "$node/etc/kubernetes/manifests" "$node/etc/cni/net.d" "$node/opt/cni/bin"
cp -a "$node/usr/lib/cni/." "$node/opt/cni/bin/"
rm -f "$node"/etc/cni/net.d/* "$node/etc/resolv.conf" "$node/etc/machine-id"

# A node starts containerd, its network and the kubelet; nothing that wants hardware, clocks, logins or timers.
units=$node/etc/systemd/system
find "$units" -path '*.wants/*' -type l -delete
while read -r unit; do ln -sf /dev/null "$units/$unit"; done <"$here/node/masked-units"
mkdir -p "$units/multi-user.target.wants"
for unit in kubelet pod-network; do ln -sf "../$unit.service" "$units/multi-user.target.wants/$unit.service"; done
ln -sf /lib/systemd/system/containerd.service "$units/multi-user.target.wants/containerd.service"
ln -sf /lib/systemd/system/multi-user.target "$units/default.target"

# --- its images are in its store already: this machine's containerd, of the same version, puts them there ---
tell "filling the node's image store"
store=$node/var/lib/containerd
work=$kind_cache/filling
rm -rf "$store" "$work"
mkdir -p "$work"
printf 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n' >"$work/config.toml"
containerd --config "$work/config.toml" --root "$store" --state "$work/state" --address "$work/socket" >"$kind_logs/filling.log" 2>&1 &
filler=$!
trap 'kill $filler 2>/dev/null || true' EXIT
in_store() { ctr --address "$work/socket" --namespace k8s.io "$@"; }
for _ in $(seq 100); do
  if in_store version >/dev/null 2>&1; then break; fi
  sleep 0.2
done
in_store images import --snapshotter overlayfs "$kind_cache/images.tar" >/dev/null
# Pods run from the unpacked snapshots; the layers themselves would double the image.
in_store content list | awk '$2 ~ /[MG]B$/ { print $1 }' | while read -r digest; do
  in_store content rm "$digest" >/dev/null
  rm -f "$store/io.containerd.content.v1.content/blobs/sha256/${digest#sha256:}"
done
kill "$filler"
wait "$filler" || true
trap - EXIT
rm -r "$work" "$kind_cache/images.tar"

import_tree "$node" "$built_node_image" "ENV $container_path" 'ENV container=docker' \
  'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]'
echo "$mark" >"$kind_cache/node-image.mark"
tell "made $built_node_image"
echo "$built_node_image"
