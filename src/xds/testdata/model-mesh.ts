import type { ProxyResources } from "../../envoy/index.ts";
import { proxyResources, type Texts } from "./resources.ts";
import type { Random } from "./random.ts";

const ports = ["80", "8080"];

/** A mesh that changes at random, in which every route names a cluster that exists. The text of a virtual host is `cluster#count`. */
export class ModelMesh {
  readonly #random: Random;
  readonly #clusters = new Map<string, number>();
  readonly #endpoints = new Map<string, number>();
  readonly #hosts = new Map<string, { cluster: string; count: number }>();
  readonly #listeners = new Map<string, number>();
  readonly #routes = new Map<string, number>();
  readonly #inbound = new Map<string, number>();
  #count = 0;
  #last: ProxyResources | undefined;
  /** Versions (`type name text`) that the client refuses. */
  readonly bad = new Set<string>();
  readonly vhds: boolean;

  constructor(random: Random, vhds: boolean) {
    this.#random = random;
    this.vhds = vhds;
    for (let i = 0; i < 3; i++) this.#addCluster();
    for (const port of ports) this.#addPort(port);
    for (let i = 0; i < 3; i++) this.#moveHost();
  }

  /** One to three changes. */
  change(badPercent: number): void {
    for (let n = 1 + this.#random.int(3); n > 0; n--) this.#changeOne(badPercent);
  }

  resources(): ProxyResources {
    const text = (map: Map<string, number>) => Object.fromEntries([...map].map(([name, n]) => [name, String(n)]));
    const hosts = [...this.#hosts].map(([name, { cluster, count }]) => [name, `${cluster}#${count}`] as const);
    const shared: Texts = {
      cds: text(this.#clusters),
      eds: text(this.#endpoints),
      lds: text(this.#listeners),
      rds: this.vhds
        ? text(this.#routes)
        : Object.fromEntries([...this.#routes].map(([port, n]) => [port, this.#whole(port, n)])),
      vhds: this.vhds ? Object.fromEntries(hosts) : {},
    };
    const own: Texts = { cds: text(this.#inbound), lds: { virtualInbound: [...this.#inbound.keys()].join() } };
    return (this.#last = proxyResources(shared, own, this.#last));
  }

  isBad(type: string, name: string, text: string): boolean {
    if (type === "rds") return [...this.bad].some((bad) => bad.startsWith("vhds ") && text.includes(bad.slice("vhds ".length)));
    return this.bad.has(`${type} ${name} ${text}`);
  }

  /** All that is refused is put right. */
  repair(): void {
    this.bad.clear();
    for (const map of [this.#clusters, this.#listeners, this.#routes]) for (const name of map.keys()) map.set(name, ++this.#count);
    for (const host of this.#hosts.values()) host.count = ++this.#count;
  }

  #whole(port: string, n: number): string {
    const hosts = [...this.#hosts].filter(([name]) => name.startsWith(`${port}/`));
    return [String(n), ...hosts.map(([name, { cluster, count }]) => `${name} ${cluster}#${count}`)].join(",");
  }

  #changeOne(badPercent: number): void {
    const what = this.#random.int(11);
    this.#count += 1;
    const spoil = (type: string, name: string, text: string): void => {
      if (this.#random.chance(badPercent)) this.bad.add(`${type} ${name} ${text}`);
    };
    if (what === 0) this.#addCluster();
    else if (what === 1) for (const [name, text] of this.#removeCluster()) spoil("vhds", name, text);
    else if (what === 2) {
      const name = this.#random.pick([...this.#clusters.keys()]);
      this.#clusters.set(name, this.#count);
      spoil("cds", name, String(this.#count));
    } else if (what === 3) this.#endpoints.set(this.#random.pick([...this.#clusters.keys()]), this.#count);
    else if (what === 4) {
      const name = this.#random.pick([...this.#listeners.keys()]);
      this.#listeners.set(name, this.#count);
      spoil("lds", name, String(this.#count));
    } else if (what === 5) this.#togglePort();
    else if (what === 6) this.#toggleInbound(`inbound|${this.#random.int(3)}||`);
    else {
      const [name, text] = this.#moveHost();
      spoil("vhds", name, text);
    }
  }

  #addCluster(): void {
    const name = `outbound|80||svc-${this.#random.int(6)}`;
    if (!this.#clusters.has(name)) this.#clusters.set(name, ++this.#count);
    if (!this.#endpoints.has(name)) this.#endpoints.set(name, ++this.#count);
  }

  /** Its virtual hosts move to other clusters. */
  #removeCluster(): [string, string][] {
    if (this.#clusters.size < 2) return [];
    const name = this.#random.pick([...this.#clusters.keys()]);
    this.#clusters.delete(name);
    this.#endpoints.delete(name);
    const moving = [...this.#hosts].filter(([, { cluster }]) => cluster === name);
    return moving.map(([host]) => this.#moveHost(host));
  }

  #moveHost(name?: string): [string, string] {
    const host = name ?? `${this.#random.pick(ports)}/host-${this.#random.int(4)}.example`;
    const port = host.split("/")[0] ?? "";
    if (!this.#routes.has(port)) this.#addPort(port);
    const cluster = this.#random.pick([...this.#clusters.keys()]);
    this.#hosts.set(host, { cluster, count: ++this.#count });
    return [host, `${cluster}#${this.#count}`];
  }

  #addPort(port: string): void {
    this.#listeners.set(`0.0.0.0_${port}`, ++this.#count);
    this.#routes.set(port, ++this.#count);
  }

  #toggleInbound(name: string): void {
    if (!this.#inbound.delete(name)) this.#inbound.set(name, this.#count);
  }

  #togglePort(): void {
    const port = this.#random.pick(ports);
    if (!this.#routes.has(port)) return this.#addPort(port);
    if (this.#listeners.size < 2) return;
    this.#listeners.delete(`0.0.0.0_${port}`);
    this.#routes.delete(port);
    for (const host of [...this.#hosts.keys()]) if (host.startsWith(`${port}/`)) this.#hosts.delete(host);
  }
}
