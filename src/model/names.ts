import ipaddr from "ipaddr.js";
import { codes } from "./codes.ts";
import type { Place } from "./report.ts";

const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const wildcardLabel = /^(?:\*|(?:\*-?)?[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)$/;
const qualifiedName = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** A DNS label (RFC 1123): at most 63 lower-case letters, digits and inner dashes. */
export function isLabel(text: string): boolean {
  return text.length <= 63 && label.test(text);
}

/** A name of a Kubernetes object: DNS labels joined by dots, at most 253 characters. */
export function isSubdomain(text: string): boolean {
  return text.length <= 253 && text.split(".").every(isLabel);
}

/** An IPv4 address of four decimal parts, or an IPv6 address without a zone. */
export function isIp(text: string): boolean {
  if (text.length > 45 || text.includes("%")) return false;
  // A look first: the library throws and catches for everything else, which is slow for each host name.
  if (text.includes(":")) return ipaddr.IPv6.isValid(text);
  return /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/.test(text) && ipaddr.IPv4.isValidFourPartDecimal(text);
}

/** An address range such as 10.0.0.0/8 or fd00::/8. */
export function isCidr(text: string): boolean {
  const [address = "", bits = "", ...more] = text.split("/");
  if (more.length > 0 || !isIp(address) || !/^[0-9]{1,3}$/.test(bits)) return false;
  return Number(bits) <= (address.includes(":") ? 128 : 32);
}

/** Why `text` is no fully qualified domain name; undefined if it is one. Upper case was lowered before (`normalHost`). */
export function faultOfHost(text: string, wildcard: "with wildcard" | "without wildcard"): string | undefined {
  if (text === "") return "must not be empty";
  if (text.length > 255) return "is longer than 255 characters";
  const labels = text.split(".");
  const first = labels[0] ?? "";
  const rest = labels.slice(1);
  if (wildcard === "with wildcard" ? first.length > 63 || !wildcardLabel.test(first) : !isLabel(first))
    return `"${show(text)}" is not a domain name${first.includes("*") ? "" : `: "${show(first)}" is not a DNS label`}`;
  const bad = rest.find((part) => !isLabel(part));
  if (bad !== undefined)
    return bad.includes("*")
      ? `"${show(text)}" has a wildcard that is not in its first label`
      : `"${show(text)}" is not a domain name: "${show(bad)}" is not a DNS label`;
  if (/^[0-9]+$/.test(labels.at(-1) ?? "") && (rest.length > 0 || wildcard === "without wildcard"))
    return `"${show(text)}" is not a domain name: its last label is a number`;
  return undefined;
}

/** Names compare without case and without the final dot: in one form everywhere. Other text is returned as it is. */
export function normalHost(text: string): string {
  return text.toLowerCase().replace(/(?<=[^.])\.$/, "");
}

/** Enough of hostile text to recognise it. */
export function show(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text).slice(1, -1);
}

/** Reports anything but a domain name; the wildcard `*` or `*.` may lead it. */
export function checkWildcardHost(text: string, place: Place): void {
  const fault = faultOfHost(text, "with wildcard");
  if (fault !== undefined) place.error(codes.host, fault);
}

/** Reports anything but a domain name without a wildcard. */
export function checkHost(text: string, place: Place): void {
  const fault = faultOfHost(text, "without wildcard");
  if (fault !== undefined) place.error(codes.host, fault);
}

/** Reports anything but a port number; 0 is none. */
export function checkPort(port: number | undefined, place: Place): void {
  if (port === undefined) return;
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    place.error(codes.port, `${port} is not a port: ports are 1 to 65535`);
}

/** Reports anything but an IP address. */
export function checkIp(text: string, place: Place): void {
  if (!isIp(text)) place.error(codes.address, `"${show(text)}" is not an IP address`);
}

/** Reports anything but an IP address or an address range. */
export function checkSubnet(text: string, place: Place): void {
  if (!isIp(text) && !isCidr(text)) place.error(codes.address, `"${show(text)}" is not an IP address or range (CIDR)`);
}

/** Reports a path of a Unix domain socket that is not absolute; `@name` is an abstract one. */
export function checkUnixPath(path: string, place: Place): void {
  if (path.startsWith("@") && path.length > 1) return;
  if (!path.startsWith("/") || path.endsWith("/"))
    place.error(codes.address, `"${show(path)}" is not an absolute path of a socket`);
}

/** Reports what Kubernetes does not take as a label. https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ */
export function checkLabels(labels: Readonly<Record<string, string>> | undefined, place: Place): void {
  for (const [key, value] of Object.entries(labels ?? {})) {
    const slash = key.indexOf("/");
    const prefix = slash === -1 ? undefined : key.slice(0, slash);
    const name = key.slice(slash + 1);
    if ((prefix !== undefined && !isSubdomain(prefix)) || name.length > 63 || !qualifiedName.test(name))
      place.at(key).error(codes.selector, `"${show(key)}" is not a label key`);
    if (value !== "" && (value.length > 63 || !qualifiedName.test(value)))
      place.at(key).error(codes.selector, `"${show(value)}" is not a label value`);
  }
}

/** Reports a selector that no workload's labels can match, and warns of one that selects everything. */
export function checkSelector(labels: Readonly<Record<string, string>> | undefined, place: Place): void {
  const entries = Object.entries(labels ?? {});
  if (entries.length === 0) place.warn(codes.selector, "has no labels: it selects every workload of the namespace");
  for (const [key, value] of entries) {
    if (key === "") place.at(key).error(codes.selector, "a label key must not be empty");
    if (key.includes("*") || value.includes("*"))
      place.at(key).error(codes.selector, "wildcards are not supported in a selector");
  }
}
