import ipaddr from "ipaddr.js";
import type { Problem } from "../lib/index.ts";

/** HED501: an option of a bootstrap or of interception rules that would not mean what its writer thinks. */
export function invalid(field: string, message: string, hint?: string): Problem {
  return { code: "HED501", level: "error", field, message, ...(hint === undefined ? {} : { hint }) };
}

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** One DNS label: the name of a namespace. */
export function isDnsLabel(text: string): boolean {
  return dnsLabel.test(text);
}

/** A DNS name of at most 253 characters: the name of a Pod or service account, or a host. */
export function isDnsName(text: string): boolean {
  return text.length <= 253 && text.split(".").every(isDnsLabel);
}

/** 1 to 65535. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

/** 4 or 6, or undefined where the text is no IP address in its usual spelling (no `127.1`, no zone). */
export function ipVersion(text: string): 4 | 6 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return 4;
  return ipaddr.IPv6.isValid(text) && !text.includes("%") ? 6 : undefined;
}
