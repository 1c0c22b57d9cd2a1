#!/usr/bin/env bash
# Compiles to dist/: the program with the packages it needs at run time, in a few files without what only people read. Sources of a thousand
# modules are 12 MB of memory for as long as they run, and twice as slow to load. Names stay, so a log's stack is still worth reading.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -rf dist
# Packages in the older module form ask for Node's own modules by `require`.
require='import { createRequire as createRequireForPackages } from "node:module"; const require = createRequireForPackages(import.meta.url);'
node_modules/.bin/esbuild src/main.ts generated/index.ts --outdir=dist --outbase=. \
  --bundle --splitting --platform=node --target=node24 --format=esm \
  --minify-whitespace --minify-syntax --line-limit=160 --legal-comments=linked \
  --banner:js="$require" --log-level=warning
echo '{ "type": "module", "imports": { "#generated": "./generated/index.js" } }' >dist/package.json
# One letter beyond ASCII in a source doubles what it takes in memory.
if LC_ALL=C grep -rnP --include='*.js' '[^\x00-\x7F]' dist >&2; then
  echo "not ASCII: write these characters as escapes" >&2
  exit 1
fi
