import type { Authority, JoinTokens } from "../ca/index.ts";
import type { ObjectRef, Problem } from "../lib/index.ts";

/** The types of Envoy resources, as people say them. */
export const configTypes = ["listeners", "clusters", "routes", "endpoints", "secrets"] as const;
export type ConfigType = (typeof configTypes)[number];

/** One resource that an Envoy refused. `provenance`: what it was made of, one line each, with file and line. */
export interface Nack {
  readonly proxy: string;
  readonly type: string;
  readonly resources: readonly string[];
  readonly message: string; // Envoy's
  readonly provenance: readonly string[];
}

/** One type of resources on one stream. */
export interface TypeStatus {
  readonly type: string;
  readonly state: "synced" | "pending" | "rejected";
  readonly version: string;
}

/** A connected proxy. Times are ms since the epoch. */
export interface ProxyStatus {
  readonly name: string; // name.namespace
  readonly identity: string; // SPIFFE id
  readonly connectedAt: number;
  readonly state: "synced" | "pending" | "rejected";
  readonly types: readonly TypeStatus[];
  readonly nacks: readonly Nack[];
  /** What is wrong with it beyond NACKs, in words. */
  readonly warnings?: readonly string[];
}

/** Somebody who asked for a configuration and was refused. Only `identity` (namespace/account) is verified. */
export interface RefusedCaller {
  readonly address: string;
  readonly identity?: string;
  readonly node?: string; // the id it claims
  readonly reason: string;
  readonly attempts: number;
  readonly at: number; // of the last; ms since the epoch
}

/** How far a revision of the mesh has come. */
export interface LiveReport {
  readonly revision: string;
  /** From the moment it was published to the last acknowledgement, or to the end of the wait. */
  readonly ms: number;
  /** Proxies that have acknowledged it, each with its time. */
  readonly proxies: readonly { readonly name: string; readonly ms: number }[];
  /** Connected proxies that have not, when the wait ended. */
  readonly pending: readonly string[];
  readonly nacks: readonly Nack[];
}

/** One resource a proxy is served, as proto JSON with `@type`. */
export interface ConfigResource {
  readonly type: ConfigType;
  readonly name: string;
  readonly version: string;
  readonly resource: unknown;
}

export interface ObjectSummary extends ObjectRef {
  readonly file: string;
  readonly line: number;
  readonly problems: number;
}

/** What became of an applied text: nothing is written where a problem is an error. */
export interface Written {
  readonly written: boolean;
  readonly revision: string;
  /** What the text says, whether or not it was there already; nothing where nothing was written. */
  readonly objects: readonly ObjectRef[];
  readonly problems: readonly Problem[];
}

/** Answer of an apply: what was written and, where it was waited for, how far it has come. */
export interface ApplyReport extends Written {
  readonly live?: LiveReport;
}

/** All that the admin API shows and does; `app` passes it in. Functions answer at once unless they say Promise. */
export interface AdminSources {
  readonly proxies: () => readonly ProxyStatus[];
  /** Who was refused lately. */
  readonly refused?: () => readonly RefusedCaller[];
  /** What this proxy is served, of one type or of all; undefined where no such proxy is connected. */
  readonly config: (proxy: string, type?: ConfigType) => readonly ConfigResource[] | undefined;
  readonly problems: () => readonly Problem[];
  readonly objects: () => readonly ObjectSummary[];
  /** Checks and writes a text of YAML. `file` is a plain file name (no folder, no leading dot). Never rejects on bad input. */
  readonly apply: (text: string, file: string) => Promise<Written>;
  /**
   * Resolves when every connected proxy has the revision or has refused some of it, or the signal fires. Refusals are those of
   * this revision, and older ones of what was made of `objects`.
   */
  readonly live: (revision: string, signal: AbortSignal, objects: readonly ObjectRef[]) => Promise<LiveReport>;
  readonly createToken: JoinTokens["createToken"];
  readonly ca: Pick<Authority, "trustDomain" | "bundle">;
  /** A prom-client registry. */
  readonly metrics: { readonly contentType: string; metrics(): Promise<string> };
  readonly ready: () => boolean;
  /** What keeps us from working as we should, a line each: told with whether we are ready. Nothing secret. */
  readonly remarks?: () => readonly string[];
}

/** A root that workloads are told to trust. */
export interface RootStatus {
  readonly subject: string;
  readonly notBefore: number; // ms since the epoch
  readonly notAfter: number;
  readonly fingerprint: string; // SHA-256
}

export interface CaStatus {
  readonly trustDomain: string;
  readonly roots: readonly RootStatus[];
  readonly bundle: string; // PEM
}
