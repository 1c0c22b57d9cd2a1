import { faultOfHost, normalHost } from "../names.ts";

/** A service by name and port, `host:port`; the host in its normal form, short or full. */
export interface ServicePortName {
  readonly host: string;
  readonly port: number;
}

/** What `host:port` says; undefined where it says no such thing. */
export function parseServicePort(text: string): ServicePortName | undefined {
  const [, host = "", port = ""] = /^([^:]+):([1-9][0-9]{0,4})$/.exec(text) ?? [];
  const number = Number(port);
  if (host === "" || number > 65_535 || faultOfHost(normalHost(host), "without wildcard") !== undefined)
    return undefined;
  return { host: normalHost(host), port: number };
}

/** Why `text` is no `host:port`; undefined if it is one. */
export function faultOfServicePort(text: string): string | undefined {
  return parseServicePort(text) ? undefined : "must be the name of a service, a colon and a port";
}
