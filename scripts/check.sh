#!/usr/bin/env bash
# Every check that needs no Envoy, two at a time; prints only what failed, and how long each took.
set -uo pipefail
cd "$(dirname "$0")/.."
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
mkdir -p .cache
failed=0

run() {
  local name=$1 start=$SECONDS
  shift
  if "$@" >"$logs/$name" 2>&1; then
    echo "ok   $name ($((SECONDS - start)) s)"
  else
    echo "FAIL $name ($((SECONDS - start)) s)"
    cat "$logs/$name"
    return 1
  fi
}

(
  status=0
  run format prettier --check --log-level warn --cache --cache-location .cache/prettier . || status=1
  run types tsc -p . || status=1
  run walls node scripts/lint/walls.ts || status=1
  run dead knip || status=1
  exit $status
) &
static=$!
(
  status=0
  run fields node scripts/fields.ts || status=1
  run lint eslint --cache --cache-location .cache/eslint src e2e e2e-kind scripts || status=1
  exit $status
) || failed=1
wait $static || failed=1
jest || failed=1
exit $failed
