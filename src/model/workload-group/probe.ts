import { codes } from "../codes.ts";
import { checkHeaderName } from "../headers.ts";
import { checkPort, show } from "../names.ts";
import { each, type Place } from "../report.ts";
import type { WorkloadGroupSpec } from "../types.ts";

type Probe = NonNullable<WorkloadGroupSpec["probe"]>;

/** The ways of asking an app for its health; a probe has exactly one, and the schema refuses two. */
const methods = ["httpGet", "tcpSocket", "exec", "grpc"] as const satisfies readonly (keyof Probe)[];

/** Reports a probe that nobody could run. https://istio.io/latest/docs/reference/config/networking/workload-group/#ReadinessProbe */
export function checkProbe(probe: Probe, place: Place): void {
  const { httpGet, tcpSocket, exec, grpc } = probe;
  if (methods.every((method) => probe[method] === undefined))
    place.error(codes.incomplete, "asks nothing", `write one of ${methods.join(", ")}`);
  if (httpGet) checkHttpGet(httpGet, place.at("httpGet"));
  if (tcpSocket) checkPort(tcpSocket.port, place.at("tcpSocket", "port"));
  if (grpc) checkPort(grpc.port ?? 0, place.at("grpc", "port"));
  if (exec?.command.length === 0) place.at("exec", "command").error(codes.incomplete, "names no command");
}

function checkHttpGet({ port, scheme = "", httpHeaders }: NonNullable<Probe["httpGet"]>, place: Place): void {
  checkPort(port, place.at("port"));
  if (!["", "HTTP", "HTTPS"].includes(scheme))
    place.at("scheme").error(codes.value, `"${show(scheme)}" is neither HTTP nor HTTPS`);
  each(httpHeaders, place.at("httpHeaders"), ({ name = "", value = "" }, at) => {
    checkHeaderName(name, at.at("name"));
    if (/[^\t\u0020-\u007e\u0080-\u00ff]/.test(value))
      at.at("value").error(codes.header, "the value holds characters that no header carries");
  });
}
