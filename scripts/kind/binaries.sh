#!/usr/bin/env bash
# Compiles from published Go modules what a cluster consists of, and services that tests call; nothing is downloaded ready-made.
#   binaries.sh              all groups
#   binaries.sh kind etcd    these groups; groups: kind etcd kubernetes coredns kubectl apiserver ratelimit
# A group whose modules and settings are those of its last build is left alone.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/settings.sh"
command -v go >/dev/null || give_up "Go is needed to build kind and Kubernetes (1.25.6 or newer)"
export CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS='-buildvcs=false -trimpath'

# What the release build writes into the binaries; kubeadm does not work without.
version_flags() {
  local package minor
  minor=${kubernetes_version#v1.}
  minor=${minor%%.*}
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    printf -- '-X %s=%s ' "$package.gitVersion" "$kubernetes_version" "$package.gitMajor" 1 "$package.gitMinor" "$minor" \
      "$package.gitTreeState" clean "$package.gitCommit" 0000000000000000000000000000000000000000 \
      "$package.buildDate" 2026-02-10T00:00:00Z
  done
}

# compile GROUP MODULE-FOLDER FLAGS NAME=PACKAGE...
compile() {
  local group=$1 folder=$here/modules/$2 flags="-s -w $3" pair mark missing= begun=$SECONDS
  shift 3
  mark=$(fingerprint "$folder"/* <(echo "$flags $*"))
  for pair; do [ -x "$kind_bin/${pair%%=*}" ] || missing=1; done
  if [ -z "$missing" ] && [ "$(cat "$kind_bin/.$group" 2>/dev/null)" = "$mark" ]; then return; fi
  tell "compiling $group"
  cd "$folder"
  # One package under the name it is to have; several in one go, each under its own: they share the work.
  local target=$kind_bin/
  if [ $# = 1 ]; then target+=${1%%=*}; fi
  go build -ldflags "$flags" -o "$target" "${@#*=}" || give_up "$group does not compile"
  echo "$mark" >"$kind_bin/.$group"
  tell "compiled $group in $((SECONDS - begun)) s"
}

build_kind() { compile kind kind '' kind=sigs.k8s.io/kind; }
build_etcd() { compile etcd etcd '' etcd=go.etcd.io/etcd/server/v3; }
build_coredns() { compile coredns coredns '' coredns=heddle.local/kind/coredns; }
build_kubectl() { compile kubectl kubernetes "$(version_flags)" kubectl=k8s.io/kubernetes/cmd/kubectl; }
# Envoy's own rate limit service, and the store in which it counts. Debian's package redis-server would start a daemon; the program itself is in
# redis-tools, where it goes by another of its names.
build_ratelimit() {
  compile ratelimit ratelimit '' ratelimit=github.com/envoyproxy/ratelimit/src/service_cmd
  command -v redis-check-rdb >/dev/null || {
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends redis-tools >/dev/null
  } || give_up "redis-tools could not be installed"
  ln -sf "$(command -v redis-check-rdb)" "$kind_bin/redis-server"
}
# The API server alone, for tests that need no cluster; the one of a whole Kubernetes is the same.
build_apiserver() {
  if [ -x "$kind_bin/kube-apiserver" ] && [ -e "$kind_bin/.kubernetes" ]; then return; fi
  compile apiserver kubernetes "$(version_flags)" kube-apiserver=k8s.io/kubernetes/cmd/kube-apiserver
}
build_kubernetes() {
  local command commands=()
  for command in kubeadm kubelet kubectl kube-apiserver kube-controller-manager kube-scheduler kube-proxy; do
    commands+=("$command=k8s.io/kubernetes/cmd/$command")
  done
  compile kubernetes kubernetes "$(version_flags)" "${commands[@]}"
}

[ $# -gt 0 ] || set -- kind etcd kubernetes coredns
for group; do "build_$group"; done
