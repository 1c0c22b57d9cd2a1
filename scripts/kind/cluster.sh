#!/usr/bin/env bash
# cluster.sh create NAME   a cluster of one node by kind; prints its kubeconfig's path
# cluster.sh delete NAME   and nothing of it is left
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/settings.sh"
action=${1:-} name=${2:-}
[ -n "$name" ] || give_up "usage: cluster.sh create|delete NAME"
kubeconfig=$kind_cache/kubeconfig-$name

if [ "$action" = delete ]; then
  "$kind_bin/kind" delete cluster --name "$name" --kubeconfig "$kubeconfig" >&2 || true
  rm -f "$kubeconfig" "$kubeconfig.lock" "$kind_logs/create-$name.log"
  exit 0
fi

image=$("$here/node-image.sh")
log=$kind_logs/create-$name.log
tell "creating cluster $name of $image"
"$kind_bin/kind" create cluster --name "$name" --image "$image" --config "$here/cluster.yaml" --kubeconfig "$kubeconfig" \
  --wait 180s >"$log" 2>&1 || { cat "$log" >&2; give_up "kind does not create the cluster"; }

export KUBECONFIG=$kubeconfig
kubectl=$kind_bin/kubectl
"$kubectl" wait --for=condition=Ready node --all --timeout=120s >>"$log"
if [ "$image" = "$built_node_image" ]; then
  # Nobody outside can be asked for a name: without `forward` CoreDNS says so at once instead of after five seconds.
  "$kubectl" -n kube-system get configmap coredns -o yaml | sed -e '/^ *forward \. /,/^ *}/d' -e '/^ *loop$/d' |
    "$kubectl" replace -f - >>"$log"
  "$kubectl" -n kube-system rollout restart deployment coredns >>"$log"
fi
"$kubectl" -n kube-system rollout status deployment coredns --timeout=180s >>"$log"
tell "cluster $name is ready"
echo "$kubeconfig"
