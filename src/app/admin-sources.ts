import { decodeResource, type XdsType } from "../envoy/index.ts";
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
export function xdsSources(xds: XdsServer): Pick<AdminSources, "proxies" | "config" | "live"> {
  return {
    proxies: () => xds.status().map(proxyStatus),
    config: (proxy, type) =>
      xds
        .resourcesOf(proxy)
        ?.map(configResource)
        .filter((found) => !type || found.type === type),
    live: async (revision, signal) => {
      const waited = await xds.whenLive(revision, { timeoutMs: 3_600_000, signal }).catch(() => undefined);
      return liveReport(waited ?? (await xds.whenLive(revision, { timeoutMs: 0 })));
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

function liveReport({ revision, proxies, nacks }: XdsLiveReport): LiveReport {
  const live = proxies.flatMap(({ id, state, ms }) =>
    state === "live" ? [{ name: id, ms: Math.round(ms ?? 0) }] : [],
  );
  return {
    revision,
    ms: Math.max(0, ...live.map(({ ms }) => ms)),
    proxies: live,
    pending: proxies.filter(({ state }) => state === "waiting" || state === "failed").map(({ id }) => id),
    nacks: nacks.map(nackOf),
  };
}
