#!/usr/bin/env bash
# Writes generated/ anew: Envoy's protos from the pinned descriptor package, through buf and ts-proto; then schemas of Istio's kinds, and their CRDs.
set -euo pipefail
cd "$(dirname "$0")/../.."
venv=.cache/generate
if ! cmp -s scripts/generate/requirements.txt "$venv/requirements.txt"; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --no-deps -r scripts/generate/requirements.txt
  cp scripts/generate/requirements.txt "$venv/requirements.txt"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$venv/bin/python" scripts/generate/descriptors.py scripts/generate/protos.txt "$work/envoy.binpb"
"$venv/bin/python" -m grpc_tools.protoc --descriptor_set_in="$work/envoy.binpb" -I scripts/generate/extra \
  --descriptor_set_out="$work/extra.binpb" envoy/service/metrics/v3/metrics_service.proto io/prometheus/client/metrics.proto
cat "$work/envoy.binpb" "$work/extra.binpb" > "$work/all.binpb"
node_modules/.bin/buf generate "$work/all.binpb" --include-imports
{
  echo "// Every generated module, so that the type registry knows every message. Written by scripts/generate/generate.sh."
  (cd generated && find . -name '*.ts' ! -name index.ts ! -name typeRegistry.ts ! -path './schemas/*' ! -path './istio/*' | LC_ALL=C sort | sed 's/.*/import "&";/')
  echo 'export { messageTypeRegistry } from "./typeRegistry.ts";'
} > generated/index.ts
node_modules/.bin/node scripts/generate/schemas.ts
node_modules/.bin/node scripts/generate/spec-types.ts
node_modules/.bin/node scripts/generate/crds.ts
