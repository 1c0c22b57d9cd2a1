#!/usr/bin/env bash
# prepare.sh DIRECTORY: what the Dockerfile copies: the compiled program, Node without symbols, and the sample app. Nothing is fetched: `make setup` did.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH=$PWD/node_modules/.bin:$PATH
folder=$1
mkdir -p "$folder"

rm -rf "$folder/heddle" "$folder/sample"
scripts/build.sh
mkdir -p "$folder/heddle/bin" "$folder/sample/e2e/apps"
install -m 0755 scripts/image/heddle "$folder/heddle/bin/heddle"
cp -r dist manifests/crds "$folder/heddle/"
cp e2e/apps/echo.mjs e2e/apps/client.mjs "$folder/sample/e2e/apps/"

if [ ! -x "$folder/node" ] || [ node_modules/node/bin/node -nt "$folder/node" ]; then
  # Symbols are a fifth of Node; a crash of V8 itself is not ours to debug in a pod.
  strip -o "$folder/node.new" node_modules/node/bin/node 2>/dev/null || cp -L node_modules/node/bin/node "$folder/node.new"
  chmod 0755 "$folder/node.new"
  mv -f "$folder/node.new" "$folder/node"
fi
