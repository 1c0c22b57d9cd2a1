#!/usr/bin/env bash
# `make e2e-kind`: a cluster, Heddle in it by the manifests that a user applies, the tests of e2e-kind with real requests; then the
# cluster is gone again. Figures go to out/kind.json.
#   e2e.sh [FILE...]           only these test files
#   KEEP=1                     leaves the cluster, and prints how to reach it
#   HEDDLE_KIND_CLUSTER=name   uses a cluster that is there (a kept one), and leaves it
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/settings.sh"
cd "$here/../.."
export PATH=$PWD/node_modules/.bin:$PATH
mkdir -p out
begun=$SECONDS

record() { node scripts/kind/record.ts "$1" "$2"; }

started_docker=
docker info >/dev/null 2>&1 || started_docker=1
"$here/docker.sh"

cluster=${HEDDLE_KIND_CLUSTER:-heddle-e2e-$$}
export KUBECONFIG=$kind_cache/kubeconfig-$cluster HEDDLE_KUBECTL=$kind_bin/kubectl HEDDLE_NEXT_IMAGE=$next_heddle_image
made=
clean_up() {
  local status=$?
  trap - EXIT INT TERM
  if [ "$status" != 0 ] && [ -e "$KUBECONFIG" ]; then "$here/diagnose.sh" >out/kind-failure.log 2>&1 || true; tell "what the cluster looked like: out/kind-failure.log"; fi
  if [ -n "$made" ]; then
    if [ "${KEEP:-}" = 1 ]; then
      tell "kept: export KUBECONFIG=$KUBECONFIG; it ends with scripts/kind/cluster.sh delete $cluster"
      exit "$status"
    fi
    "$here/cluster.sh" delete "$cluster"
  fi
  # Only a daemon that this run has started.
  if [ -n "$started_docker" ]; then "$here/docker.sh" stop; fi
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

rm -f out/kind.json
if [ -z "${HEDDLE_KIND_CLUSTER:-}" ]; then
  "$here/node-image.sh" >/dev/null
  at=$SECONDS
  made=1
  "$here/cluster.sh" create "$cluster" >/dev/null
  record "cluster creation, seconds" $((SECONDS - at))
fi

at=$SECONDS
"$here/images.sh"
record "images built, seconds" $((SECONDS - at))
# The version that control-plane.test.ts upgrades to: the same layers under another name and version.
docker build -q --build-arg "BASE=$base_image" --build-arg "VERSION=${next_heddle_image#*:}" -t "$next_heddle_image" \
  -f Dockerfile --target heddle "$kind_cache/image" >"$kind_logs/next-image.log" 2>&1 ||
  { cat "$kind_logs/next-image.log" >&2; give_up "$next_heddle_image cannot be built"; }
record "image of Heddle, MB" $(($(docker image inspect -f '{{.Size}}' "$heddle_image") / 1000000))
"$kind_bin/kind" load docker-image --name "$cluster" "$heddle_image" "$next_heddle_image" "$sample_image" "$envoy_image" >"$kind_logs/load.log" 2>&1 ||
  { cat "$kind_logs/load.log" >&2; give_up "the images do not get into the cluster"; }

# Exactly what a user does.
at=$SECONDS
"$HEDDLE_KUBECTL" apply -k manifests/install >out/kind-install.log
"$HEDDLE_KUBECTL" -n heddle-system rollout restart deployment heddle >>out/kind-install.log # an image of the same name may be newer
"$HEDDLE_KUBECTL" -n heddle-system rollout status deployment heddle --timeout=180s >>out/kind-install.log
record "installation, seconds" $((SECONDS - at))
tell "installed; testing"

at=$SECONDS
# Files that failed are tried once more, and say so: a cluster on two busy cores is sometimes slower than a test's patience.
tests() { jest --config e2e-kind/jest.config.json "$@"; }
tests "$@" || { tell "once more, what has failed"; tests --onlyFailures "$@"; }
record "tests, seconds" $((SECONDS - at))
record "all of make e2e-kind, seconds" $((SECONDS - begun))
