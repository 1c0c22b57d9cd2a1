import { codes } from "./codes.ts";
import { show } from "./names.ts";
import type { Place } from "./report.ts";
import { suggest } from "./spelling.ts";

const http = ["HTTP", "HTTP2", "GRPC", "GRPC-WEB", "HTTP_PROXY"];
const tls = ["HTTPS", "TLS"];
const protocols = [...http, ...tls, "TCP", "UDP", "MONGO", "REDIS", "MYSQL"];

/** Reports a protocol that Istio does not know; none at all means that it is sniffed. */
export function checkProtocol(protocol: string | undefined, place: Place): void {
  if (protocol === undefined || protocol === "" || protocols.includes(protocol.toUpperCase())) return;
  const hint = suggest(protocol.toUpperCase(), protocols) ?? `one of ${protocols.join(", ")}`;
  place.error(codes.value, `"${show(protocol)}" is not a protocol`, hint);
}

/** Hosts of one address can be told apart: by the Host header, or by SNI. */
export function tellsHostsApart(protocol: string | undefined): boolean {
  return [...http, ...tls].includes((protocol ?? "").toUpperCase());
}

/** Requests can be seen. */
export function isHttp(protocol: string | undefined): boolean {
  return http.includes((protocol ?? "").toUpperCase());
}

/** TLS is the first that is spoken. */
export function isTls(protocol: string | undefined): boolean {
  return tls.includes((protocol ?? "").toUpperCase());
}
