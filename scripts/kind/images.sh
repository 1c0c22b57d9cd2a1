#!/usr/bin/env bash
# Builds the images that a cluster is given: Heddle's, the sample apps', and Envoy's where no registry has it.
#   images.sh [BASE]     BASE: base image of Heddle's and the samples'; the Debian of base-image.sh when left out
# Their names are in settings.sh. `make setup` has to have run.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/settings.sh"
root=$(cd "$here/../.." && pwd)
base=${1:-$base_image}
if [ $# = 0 ]; then "$here/base-image.sh"; fi

# build DIRECTORY IMAGE OPTION...: quiet unless it fails.
build() {
  local directory=$1 image=$2 log
  log=$kind_logs/$(basename "${image%:*}")-image.log
  shift 2
  docker build --build-arg "BASE=$base" -t "$image" "$@" "$directory" >"$log" 2>&1 || { cat "$log" >&2; give_up "$image cannot be built"; }
}

folder=$kind_cache/image
tell "compiling Heddle for its image"
"$root/scripts/image/prepare.sh" "$folder" >"$kind_logs/prepare-image.log" 2>&1 || { cat "$kind_logs/prepare-image.log" >&2; exit 1; }
build "$folder" "$heddle_image" -f "$root/Dockerfile" --target heddle --build-arg "VERSION=${heddle_image#*:}"
build "$folder" "$sample_image" -f "$root/Dockerfile" --target sample

if ! has_image "$envoy_image" && { [ "$base" = "$base_image" ] || ! timeout 120 docker pull -q "$envoy_image" >/dev/null 2>&1; }; then
  folder=$kind_cache/envoy-image
  mkdir -p "$folder"
  cp "${HEDDLE_ENVOY:-$root/.cache/envoy/envoy}" "$folder/envoy"
  cp "$here/images/envoy-entrypoint" "$folder/entrypoint"
  build "$folder" "$envoy_image" -f "$here/images/envoy.Dockerfile"
  rm -r "$folder"
fi
tell "images: $(docker images --format '{{.Repository}}:{{.Tag}} {{.Size}}' | grep -F -e "$heddle_image" -e "$sample_image" -e "$envoy_image" | paste -sd, | sed 's/,/, /g')"
