#!/usr/bin/env bash
# What a cluster looks like when something failed: KUBECONFIG and HEDDLE_KUBECTL say where and with what. Shows no Secret.
set -uo pipefail
k() { echo "--- kubectl $*"; "$HEDDLE_KUBECTL" "$@"; }
k get pods -A -o wide
k get events -A --sort-by=.lastTimestamp | tail -60
k -n heddle-system describe pods
for pod in $("$HEDDLE_KUBECTL" -n heddle-system get pods -o name); do
  k -n heddle-system logs "$pod" --tail=200
  k -n heddle-system logs "$pod" --previous --tail=50
done
"$HEDDLE_KUBECTL" get pods -A --no-headers | awk '{ split($3, n, "/"); if (n[1] != n[2] && $4 != "Completed") print $1, $2 }' |
  while read -r namespace pod; do
    k -n "$namespace" describe pod "$pod"
    k -n "$namespace" logs "$pod" --all-containers --prefix --tail=60
  done
