#!/usr/bin/env bash
# Installs what this machine lacks: Debian packages, npm packages, Envoy. Asks no registry for anything that is there.
set -euo pipefail
cd "$(dirname "$0")/.."

# What the mesh, the tests and the measurements run, and the package it comes in.
missing=()
need() { command -v "$1" >/dev/null 2>&1 || missing+=("$2"); }
PATH=$PATH:/usr/sbin:/sbin
need ip iproute2
need iptables-restore iptables
need setpriv util-linux
need curl curl
need h2load nghttp2-client
need wrk wrk
need openssl openssl
need python3 python3
python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)

if [ ${#missing[@]} -gt 0 ]; then
  if ! command -v apt-get >/dev/null; then
    echo "missing: ${missing[*]} (install them; this is not a Debian machine)" >&2
    exit 1
  fi
  if [ "$(id -u)" != 0 ]; then
    echo "missing: ${missing[*]} (as root: apt-get install ${missing[*]})" >&2
    exit 1
  fi
  echo "installing ${missing[*]}" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
fi

# npm notes what it installed in node_modules/.package-lock.json: the same packages mean that there is nothing to do.
installed() {
  node -e '
    const read = (path) => JSON.parse(require("fs").readFileSync(path, "utf8")).packages;
    const [wanted, found] = [read("package-lock.json"), read("node_modules/.package-lock.json")];
    const same = (name) => found[name] ? found[name].version === wanted[name].version : wanted[name].optional;
    process.exit(Object.keys(wanted).filter(Boolean).every(same) ? 0 : 1);
  ' 2>/dev/null
}
if ! installed; then
  echo "installing npm packages" >&2
  npm ci --no-audit --no-fund --loglevel=error
fi
[ -x node_modules/.bin/node ] || { echo "npm did not install Node (package node): are install scripts off?" >&2; exit 1; }

scripts/fetch-envoy.sh
