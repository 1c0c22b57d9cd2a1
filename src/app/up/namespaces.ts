import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { contentHash } from "../../lib/index.ts";
import { Failure } from "../failure.ts";
import { run } from "./command.ts";
import { familyOf, isInPodRange, ranges, rangesOf } from "./ranges.ts";

/**
 * The network of one mesh: a bridge in a namespace of its own, so that no firewall rule of the machine (Docker's, say) stands
 * between two pods. Everything is named after the mesh's id: namespaces `<id>.hub` and `<id>.<pod>.<namespace>`.
 */
export interface Network {
  readonly id: string;
  /** The namespace of the bridge. */
  readonly hub: string;
  /** The address under which pods find the control plane: in our own namespace, or in the hub. */
  readonly gateway: string;
  /** The same for pods that have no IPv4; undefined on a machine without IPv6. */
  readonly gateway6?: string;
  /** Where a process must run to own that address; undefined: right here. */
  readonly gatewayNamespace?: string;
}

/** One workload's namespace, as a machine of its own. */
export interface WorkloadNamespace {
  readonly name: string;
  setHosts(text: string): Promise<void>;
}

const etcNetns = "/etc/netns";
const bridge = "br0";

function hubOf(id: string): string {
  return `${id}.hub`;
}

/** `ip -batch`: each line a command, the first that fails stops. */
function ipBatch(namespace: string | undefined, lines: readonly string[]): Promise<string> {
  return run(["ip", ...(namespace ? ["-netns", namespace] : []), "-batch", "-"], `${lines.join("\n")}\n`);
}

function refuseTakenRange(): void {
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    const taken = addresses?.find(({ address }) => isInPodRange(address));
    if (taken) {
      const { gateway, bits } = rangesOf(familyOf(taken.address));
      throw new Failure(
        `pods live in ${gateway}/${bits}, and ${name} has ${taken.address} of it: is a mesh or a cluster running here?`,
      );
    }
  }
}

/** Whether this machine speaks IPv6, for a new namespace is as the machine is. */
async function hasIPv6(): Promise<boolean> {
  const disabled = await readFile("/proc/sys/net/ipv6/conf/all/disable_ipv6", "utf8").catch(() => "1");
  return disabled.trim() === "0";
}

/**
 * Makes the bridge. With `reach: "machine"` this machine has the gateway's address and sees all pods (one such mesh at a time);
 * with `"hub"` nothing outside the mesh is touched, and the control plane runs in the hub's namespace.
 */
export async function openNetwork(id: string, reach: "machine" | "hub"): Promise<Network> {
  if (reach === "machine") refuseTakenRange();
  const ipv6 = await hasIPv6();
  const hub = hubOf(id);
  const spoken = ranges.filter(({ family }) => family === "IPv4" || ipv6);
  const { gateway } = rangesOf("IPv4");
  const addresses = (device: string) =>
    spoken.map((range) => `addr add ${range.gateway}/${range.bits} dev ${device}${nodad(range.gateway)}`);
  const gateways = { gateway, ...(ipv6 ? { gateway6: rangesOf("IPv6").gateway } : {}) };
  await run(["ip", "netns", "add", hub]);
  await ipBatch(hub, [
    "link set lo up",
    `link add ${bridge} type bridge forward_delay 0`,
    `link set ${bridge} up`,
    ...(reach === "hub" ? addresses(bridge) : []),
  ]);
  if (reach === "hub") return { id, hub, ...gateways, gatewayNamespace: hub };
  await ipBatch(undefined, [
    `link add ${id} type veth peer name uplink netns ${hub}`,
    ...addresses(id),
    `link set ${id} up`,
  ]);
  await ipBatch(hub, [`link set uplink master ${bridge}`, "link set uplink up"]);
  return { id, hub, ...gateways };
}

/** Nobody else can have the address: no second of waiting until it may be used. */
function nodad(address: string): string {
  return familyOf(address) === "IPv6" ? " nodad" : "";
}

function bitsOf(address: string): number {
  const family = familyOf(address);
  if (isInPodRange(address)) return rangesOf(family).bits;
  return family === "IPv6" ? 128 : 32;
}

function addressLines(addresses: readonly string[], others: readonly string[]): string[] {
  const families = new Set(addresses.map(familyOf));
  const spoken = ranges.filter(({ family }) => families.has(family));
  return [
    ...addresses.map((address) => `addr add ${address}/${bitsOf(address)} dev eth0${nodad(address)}`),
    "link set eth0 up",
    // Pods with an address of their own choice are neighbours like the rest.
    ...others
      .filter((address) => families.has(familyOf(address)) && !isInPodRange(address))
      .map((address) => `route replace ${address} dev eth0`),
    ...spoken.map(({ all, gateway }) => `route replace ${all} via ${gateway} dev eth0 onlink`),
  ];
}

/** The hub's end of a workload's cable. */
function portOf(namespace: string): string {
  return `p${contentHash(namespace)
    .replace(/[^A-Za-z0-9]/g, "")
    .slice(0, 10)}`;
}

/**
 * A namespace for one workload: loopback, eth0 with its addresses, /etc/hosts and /etc/resolv.conf of its own (for what is
 * started by `ip netns exec`). `others` are the addresses of all pods.
 */
export async function addNamespace(
  network: Network,
  workload: { readonly name: string; readonly namespace: string; readonly addresses: readonly string[] },
  others: readonly string[],
  etc: { readonly hosts: string; readonly resolvConf: string },
): Promise<WorkloadNamespace> {
  const name = `${network.id}.${workload.name}.${workload.namespace}`;
  const folder = join(etcNetns, name);
  await mkdir(folder, { recursive: true });
  const hosts = join(folder, "hosts");
  await writeFile(hosts, etc.hosts);
  await writeFile(join(folder, "resolv.conf"), etc.resolvConf);
  await run(["ip", "netns", "add", name]);
  const port = portOf(name);
  await ipBatch(network.hub, [
    `link add ${port} type veth peer name eth0 netns ${name}`,
    `link set ${port} master ${bridge}`,
    `link set ${port} up`,
    ...workload.addresses
      .filter((address) => !isInPodRange(address))
      .map((address) => `route replace ${address} dev ${bridge}`),
  ]);
  const neighbours = others.filter((address) => !workload.addresses.includes(address));
  await ipBatch(name, ["link set lo up", ...addressLines(workload.addresses, neighbours)]);
  // As in a container, an app needs no privilege to listen on port 80.
  await run(["ip", "netns", "exec", name, "tee", "/proc/sys/net/ipv4/ip_unprivileged_port_start"], "0");
  return { name, setHosts: (text) => writeFile(hosts, text) }; // in place: running processes have this very file mounted
}

async function namespacesOf(id: string): Promise<string[]> {
  const names = await readdir("/run/netns").catch(() => []);
  return names.filter((name) => name.startsWith(`${id}.`));
}

async function pidsIn(namespace: string): Promise<number[]> {
  const text = await run(["ip", "netns", "pids", namespace]).catch(() => "");
  return text
    .split("\n")
    .map(Number)
    .filter((pid) => pid > 0);
}

/** Ends every process in a namespace: they are ours, nobody else is in there. */
async function emptyNamespace(namespace: string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const pids = await pidsIn(namespace);
    if (pids.length === 0) return;
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has just ended by itself.
      }
    }
    await pause(100);
  }
  throw new Failure(`processes in network namespace ${namespace} cannot be ended`);
}

/** Removes one workload's namespace with all that runs in it, and its cable. */
export async function removeNamespace(name: string): Promise<void> {
  await emptyNamespace(name);
  const hub = hubOf(name.slice(0, name.indexOf(".")));
  // At once: the kernel takes a namespace's interfaces away some time after it is gone, and the pod may come back before.
  if (name !== hub) await run(["ip", "-netns", hub, "link", "delete", portOf(name)]).catch(() => undefined); // gone, or never there
  await run(["ip", "netns", "delete", name]).catch(() => undefined); // gone meanwhile
  await rm(join(etcNetns, name), { recursive: true, force: true });
}

/** Removes everything that bears this id, whoever made it; nothing there is no error. */
export async function removeNetwork(id: string): Promise<void> {
  for (const name of await namespacesOf(id)) await removeNamespace(name);
  const folders = await readdir(etcNetns).catch(() => []);
  for (const name of folders.filter((folder) => folder.startsWith(`${id}.`)))
    await rm(join(etcNetns, name), { recursive: true, force: true });
  if (networkInterfaces()[id] !== undefined) await run(["ip", "link", "delete", id]).catch(() => undefined);
}
