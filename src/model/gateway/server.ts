import { codes } from "../codes.ts";
import { checkIp, checkPort, checkUnixPath, isLabel, show } from "../names.ts";
import { checkProtocol, isHttp, isTls } from "../protocol.ts";
import type { Place } from "../report.ts";
import type { GatewayServerSpec } from "../types.ts";
import { checkServerHosts } from "./hosts.ts";
import { checkGatewayTls } from "./tls.ts";

const socket = "unix://";

/** https://istio.io/latest/docs/reference/config/networking/gateway/#Server */
export function checkServer(server: GatewayServerSpec, place: Place): void {
  const { port, bind = "", hosts, tls, defaultEndpoint = "", name = "" } = server;
  checkServerHosts(hosts, place.at("hosts"));
  if (port.name === "") place.at("port", "name").error(codes.incomplete, "needs a name");
  if (name !== "" && !isLabel(name)) place.at("name").error(codes.name, `"${show(name)}" is not a name`);
  if (port.protocol === "") place.at("port", "protocol").error(codes.incomplete, "needs a protocol");
  if (port.protocol.toUpperCase() === "UDP") place.at("port", "protocol").error(codes.value, "UDP is not supported");
  else checkProtocol(port.protocol, place.at("port", "protocol"));
  if (port.number > 0 || !bind.startsWith(socket)) checkPort(port.number, place.at("port", "number"));
  if (port.targetPort)
    place.at("port", "targetPort").warn(codes.noEffect, "has no effect: the gateway's Service says where it listens");
  if (bind.startsWith(socket)) checkUnixPath(bind.slice(socket.length), place.at("bind"));
  else if (bind !== "") checkIp(bind, place.at("bind"));
  if (defaultEndpoint !== "") checkDefaultEndpoint(defaultEndpoint, place.at("defaultEndpoint"));
  checkTlsOfPort(server, place);
  checkGatewayTls(tls, place.at("tls"));
}

function checkTlsOfPort({ port: { protocol }, tls }: GatewayServerSpec, place: Place): void {
  if (isTls(protocol)) {
    if (!tls) place.error(codes.incomplete, `${protocol} needs tls`);
    else if (tls.httpsRedirect) place.at("tls", "httpsRedirect").warn(codes.noEffect, "is for servers of plain HTTP");
    return;
  }
  if (!tls) return;
  const at = place.at("tls");
  const { mode = "PASSTHROUGH", serverCertificate, privateKey, caCertificates, credentialName } = tls;
  if (!isHttp(protocol)) return at.error(codes.conflict, `${protocol} has no tls`, "make the protocol TLS or HTTPS");
  if (mode !== "PASSTHROUGH" || serverCertificate || privateKey || caCertificates || credentialName)
    at.error(codes.conflict, "plain HTTP has no tls but httpsRedirect", "make the protocol HTTPS");
  else if (!tls.httpsRedirect) at.warn(codes.noEffect, "changes nothing: only httpsRedirect does on plain HTTP");
}

/** As in a Sidecar: an address of the workload itself, or a socket. */
function checkDefaultEndpoint(endpoint: string, place: Place): void {
  if (endpoint.startsWith(socket)) return checkUnixPath(endpoint.slice(socket.length), place);
  const match = /^127\.0\.0\.1:([0-9]{1,5})$/.exec(endpoint);
  if (!match)
    return place.error(codes.address, `"${show(endpoint)}" is not an endpoint`, "write 127.0.0.1:8080 or unix:///path");
  checkPort(Number(match[1]), place);
}
