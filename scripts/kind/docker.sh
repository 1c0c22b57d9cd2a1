#!/usr/bin/env bash
# Sees to it that a Docker daemon answers. Where none does, it installs Debian's engine and starts it (no systemd needed);
# the process id is in $kind_cache/dockerd.pid. As root.   docker.sh stop: ends the one that was started here, no other.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/settings.sh"

if [ "${1:-}" = stop ]; then
  if [ -s "$kind_cache/dockerd.pid" ]; then kill "$(cat "$kind_cache/dockerd.pid")" || true; fi
  exit 0
fi
if docker info >/dev/null 2>&1; then exit 0; fi
[ "$(id -u)" = 0 ] || give_up "no Docker daemon answers, and only root can start one"
command -v apt-get >/dev/null || give_up "no Docker daemon answers; install and start Docker (this is not a Debian machine)"

lacking=()
for package in docker.io containerd iptables; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || lacking+=("$package")
done
if [ ${#lacking[@]} -gt 0 ]; then
  tell "installing ${lacking[*]}"
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq && apt-get install -qq -y --no-install-recommends "${lacking[@]}"; } >"$kind_logs/docker-install.log" 2>&1 ||
    give_up "Docker cannot be installed: $(tail -1 "$kind_logs/docker-install.log")"
fi

# The daemon outlives this checkout, so the runtime it calls must too.
install -m 0755 "$here/available-capabilities" "$kind_cache/available-capabilities"
mkdir -p "$kind_cache/docker"
setsid nohup dockerd --data-root "$kind_cache/docker" --storage-driver overlay2 --pidfile "$kind_cache/dockerd.pid" \
  --add-runtime "available-capabilities=$kind_cache/available-capabilities" --default-runtime available-capabilities \
  >"$kind_logs/dockerd.log" 2>&1 </dev/null &

for _ in $(seq 120); do
  if docker info >/dev/null 2>&1; then
    tell "$(docker info --format 'Docker {{.ServerVersion}}, {{.Driver}}, cgroup v{{.CgroupVersion}}') started"
    exit 0
  fi
  sleep 0.5
done
tail -5 "$kind_logs/dockerd.log" >&2
give_up "the Docker daemon does not start; its log: $kind_logs/dockerd.log"
