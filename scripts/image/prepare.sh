#!/usr/bin/env bash
# prepare.sh DIRECTORY: what the Dockerfile copies: the compiled sources, the packages they need at run time, Node without
# symbols, and the sample app. Nothing is fetched: `make setup` did.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH=$PWD/node_modules/.bin:$PATH
folder=$1
mkdir -p "$folder"

rm -rf dist .cache/tsc.build.tsbuildinfo "$folder/heddle" "$folder/sample"
tsc -p tsconfig.build.json
mkdir -p "$folder/heddle/bin" "$folder/sample/e2e/apps"
install -m 0755 scripts/image/heddle "$folder/heddle/bin/heddle"
cp -r dist package.json manifests/crds "$folder/heddle/"
node scripts/image/run-time-packages.ts "$folder/heddle"
cp e2e/apps/echo.mjs e2e/apps/client.mjs "$folder/sample/e2e/apps/"

if [ ! -x "$folder/node" ] || [ node_modules/node/bin/node -nt "$folder/node" ]; then
  # Symbols are a fifth of Node; a crash of V8 itself is not ours to debug in a pod.
  strip -o "$folder/node.new" node_modules/node/bin/node 2>/dev/null || cp -L node_modules/node/bin/node "$folder/node.new"
  chmod 0755 "$folder/node.new"
  mv -f "$folder/node.new" "$folder/node"
fi
