import type { IpFamily } from "../../model/index.ts";

/** Where a mesh without Kubernetes takes its addresses from, for one IP version: the ranges kind uses, so that nothing surprises. */
export interface Ranges {
  readonly family: IpFamily;
  readonly pods: string; // how each pod's address begins
  readonly services: string; // how each service's address begins
  readonly bits: number; // of the pods' prefix
  readonly gateway: string; // of the pods
  readonly all: string; // every address there is
}

const ipv4: Ranges = {
  family: "IPv4",
  pods: "10.244.",
  services: "10.96.",
  bits: 16,
  gateway: "10.244.0.1",
  all: "0.0.0.0/0",
};
const ipv6: Ranges = {
  family: "IPv6",
  pods: "fd00:10:244::",
  services: "fd00:10:96::",
  bits: 112,
  gateway: "fd00:10:244::1",
  all: "::/0",
};

/** Both, IPv4 first. */
export const ranges: readonly Ranges[] = Object.freeze([ipv4, ipv6]);

/** The ranges of an IP version. */
export function rangesOf(family: IpFamily): Ranges {
  return family === "IPv6" ? ipv6 : ipv4;
}

/** The IP version of an address. */
export function familyOf(address: string): IpFamily {
  return address.includes(":") ? "IPv6" : "IPv4";
}

/** The 65,536 places of a range, written as its IP version does. */
export function addressAt(family: IpFamily, prefix: string, slot: number): string {
  return family === "IPv6" ? `${prefix}${slot.toString(16)}` : `${prefix}${slot >> 8}.${slot & 255}`;
}

/** Whether an address is of the pods' range: its neighbours see it without a route. */
export function isInPodRange(address: string): boolean {
  return ranges.some(({ pods }) => address.startsWith(pods));
}
