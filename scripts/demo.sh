#!/usr/bin/env bash
# Runs the scenario of the README on this machine. KEEP=1: leaves the mesh running until Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "$(id -u)" != 0 ]; then
  echo "make demo: network namespaces and iptables rules need root; run it as root" >&2
  exit 2
fi
exec node_modules/.bin/node --disable-warning=ExperimentalWarning scripts/demo/demo.ts
