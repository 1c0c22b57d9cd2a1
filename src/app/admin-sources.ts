import { decodeResource, type XdsType } from "../envoy/index.ts";
import type { ObjectRef } from "../lib/index.ts";
import type { AdminSources, ConfigResource, ConfigType, LiveReport, ProxyStatus } from "../web/index.ts";
import type { XdsServer, ProxyStatus as StreamStatus, SyncState, LiveReport as XdsLiveReport } from "../xds/index.ts";

/** Under which word people look for each type of resource; virtual hosts are part of the routes. */
const configTypeOf = {
  lds: "listeners",
  cds: "clusters",
  rds: "routes",
  vhds: "routes",
  eds: "endpoints",
  sds: "secrets",
} satisfies Record<XdsType, ConfigType>;

/** The xDS server's part of what the admin API shows. */
export function xdsSources(xds: XdsServer): Pick<AdminSources, "proxies" | "refused" | "config" | "live"> {
  return {
    proxies: () => xds.status().map(proxyStatus),
    refused: () => xds.refusedCallers(),
    config: (proxy, type) =>
      xds
        .resourcesOf(proxy)
        ?.map(configResource)
        .filter((found) => !type || found.type === type),
    live: async (revision, signal, objects) => {
      const waited = await xds.whenLive(revision, { timeoutMs: 3_600_000, signal }).catch(() => undefined);
      return liveReport(waited ?? (await xds.whenLive(revision, { timeoutMs: 0 })), refusalsOf(xds, objects));
    },
  };
}

type Served = NonNullable<ReturnType<XdsServer["resourcesOf"]>>[number];

function configResource(served: Served): ConfigResource {
  const { type, name, version } = served;
  return { type: configTypeOf[type], name, version, resource: decodeResource(served) };
}

const stateWords = {
  SYNCED: "synced",
  NEVER_ASKED: "synced",
  STALE: "pending",
  NACKED: "rejected",
} satisfies Record<SyncState, ProxyStatus["state"]>;

function proxyStatus(stream: StreamStatus): ProxyStatus {
  const asked = Object.entries(stream.types).filter(([, { state }]) => state !== "NEVER_ASKED");
  const types = asked.map(([type, { state, version }]) => ({ type, state: stateWords[state], version }));
  const worst = (["rejected", "pending"] as const).find((state) => types.some((type) => type.state === state));
  return {
    name: stream.id,
    identity: stream.identity,
    connectedAt: stream.connectedAt,
    state: worst ?? "synced",
    types,
    warnings: stream.warnings,
    nacks: asked.flatMap(([, { nacks }]) => nacks.map((nack) => nackOf({ ...nack, proxy: stream.id }))),
  };
}

function nackOf({
  proxy,
  type,
  resource,
  message,
  provenance,
}: XdsLiveReport["nacks"][number]): LiveReport["nacks"][number] {
  return { proxy, type, resources: [resource], message, provenance };
}

type Nacks = LiveReport["nacks"];

/** What proxies refuse at present of what was made of these objects: also when it was refused long ago, and is applied again. */
function refusalsOf(xds: XdsServer, objects: readonly ObjectRef[]): Nacks {
  const origins = objects.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name} `);
  const isOf = (line: string): boolean => origins.some((origin) => line.startsWith(origin));
  return xds
    .status()
    .flatMap((stream) => proxyStatus(stream).nacks)
    .filter(({ provenance }) => provenance.some(isOf));
}

function liveReport({ revision, proxies, nacks }: XdsLiveReport, standing: Nacks): LiveReport {
  const all = new Map([...standing, ...nacks.map(nackOf)].map((nack) => [nackKey(nack), nack]));
  const refusing = new Set([...all.values()].map(({ proxy }) => proxy));
  const live = proxies.flatMap(({ id, state, ms }) =>
    state === "live" && !refusing.has(id) ? [{ name: id, ms: Math.round(ms ?? 0) }] : [],
  );
  return {
    revision,
    ms: Math.max(0, ...live.map(({ ms }) => ms)),
    proxies: live,
    pending: proxies.filter(({ state }) => state === "waiting" || state === "failed").map(({ id }) => id),
    nacks: [...all.values()],
  };
}

const nackKey = ({ proxy, type, resources }: Nacks[number]): string => [proxy, type, ...resources].join(" ");
