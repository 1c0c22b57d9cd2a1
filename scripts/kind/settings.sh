# Sourced by the scripts of this folder: versions that belong together, where things are kept, and small helpers.
# etcd, CoreDNS and pause are the ones that kubeadm of this Kubernetes version asks for (`kubeadm config images list`);
# modules/*/go.mod name the same versions.
kubernetes_version=v1.34.4
etcd_tag=3.6.5-0
coredns_version=v1.12.1
pause_tag=3.10.1
debian_suite=bookworm
envoy_version=v1.40.0

# Everything that is fetched or built stays here, outside of the tree, for the next run.
kind_cache=${HEDDLE_KIND_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/heddle-kind}
kind_bin=$kind_cache/bin
kind_logs=$kind_cache/logs
mkdir -p "$kind_bin" "$kind_logs"

stock_node_image=kindest/node:$kubernetes_version
built_node_image=heddle-kind/node:$kubernetes_version
base_image=heddle-kind/base:$debian_suite

# What the cluster is given; manifests/ name the same.
heddle_image=heddle:0.1.0
next_heddle_image=heddle:0.1.1 # of the same sources: what an upgrade goes to
sample_image=heddle-sample:1
envoy_image=envoyproxy/envoy:$envoy_version

container_path=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# tell WORDS...: progress, with the seconds since the script began.
tell() { echo "kind: $* (${SECONDS} s)" >&2; }

# give_up WORDS...: one clear line, exit status 2 (the machine is at fault).
give_up() {
  echo "kind: $*" >&2
  exit 2
}

# fingerprint FILE...: changes whenever one of the files does.
fingerprint() { cat "$@" | sha256sum | cut -d' ' -f1; }

# has_image NAME
has_image() { docker image inspect "$1" >/dev/null 2>&1; }

# import_tree DIRECTORY IMAGE CHANGE...: the directory becomes an image of one layer. Nothing is pulled.
import_tree() {
  local tree=$1 image=$2 change changes=()
  shift 2
  for change; do changes+=(--change "$change"); done
  tar -C "$tree" --numeric-owner --xattrs -c . | docker import "${changes[@]}" - "$image" >/dev/null
}
