/**
 * Scripts for bash in the Envoy image, which has no curl. They are constants but for numbers of ours: no word of a user is in them.
 */

/** Asks Envoy one question over /dev/tcp and leaves the status in `$code`. */
function ask(method: "GET" | "POST", port: number, path: string): string {
  const request = `${method} ${path} HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n`;
  return `exec 3<>/dev/tcp/127.0.0.1/${port} && printf '${request}' >&3 && read -r _ code _ <&3`;
}

/** Ends when the proxy has its configuration; fails after ten minutes, so that the kubelet starts it anew. */
export const untilReady = [
  "for ((i = 0; i < 3000; i++)); do",
  `  code=; { ${ask("GET", 15_021, "/healthz/ready")}; } 2>/dev/null`,
  '  [ "$code" = 200 ] && exit 0',
  "  sleep 0.2",
  "done",
  "exit 1",
].join("\n");

/** Tells callers, connection by connection, that this proxy leaves; it goes on serving them and everybody else. */
function drain(which: "inbound" | "all"): string {
  const only = which === "inbound" ? "inboundonly&" : "";
  return `{ ${ask("POST", 15_000, `/drain_listeners?${only}graceful&skip_exit`)}; } 2>/dev/null`;
}

/** A native sidecar is ended by the kubelet after the app: draining is all there is to do. */
export const drainAndGo = `${drain("inbound")}; exit 0`;

/**
 * The classic form is told to end together with the app: drain, then stay until nobody is connected, so that the app can finish
 * what it was asked and ask what it needs. The kubelet's grace period is the end of it. All listeners of a gateway are for callers; of
 * a sidecar only the inbound ones are.
 */
export function drainAndStay(seconds: number, which: "inbound" | "all"): string {
  const open = `${ask("GET", 15_000, "/stats?filter=^listener%5C..*downstream_cx_active$&usedonly")} && mapfile -t lines <&3`;
  return [
    `${drain(which)}; sleep ${seconds}`,
    "while :; do",
    `  lines=(); { ${open}; } 2>/dev/null || exit 0`,
    "  busy=0",
    '  for line in "${lines[@]}"; do',
    "    line=${line%$'\\r'}",
    "    case $line in listener.admin.* | listener.*_15021.* | listener.*_15090.* | listener.*_15020.*) ;;",
    "      listener.*': '[1-9]*) busy=1 ;;",
    "    esac",
    "  done",
    '  [ "$busy" = 0 ] && exit 0',
    "  sleep 0.5",
    "done",
  ].join("\n");
}
