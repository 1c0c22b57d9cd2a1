import {
  createUpkeep,
  keepCaBundle,
  keepRootConfigMaps,
  startElection,
  type Election,
  type KubernetesApi,
  type WebhookConfiguration,
} from "../../cluster/index.ts";
import { systemClock, type Log } from "../../lib/index.ts";
import type { ClusterSettings } from "./settings.ts";

/** The webhook configurations of manifests/install. */
const webhookConfigurations: readonly WebhookConfiguration[] = [
  { resource: "mutatingwebhookconfigurations", name: "heddle-injector" }, // without it no pod gets a sidecar
  { resource: "validatingwebhookconfigurations", name: "heddle-validator" },
];

/** What the leader writes. */
export interface Upkept {
  readonly bundle: () => string | undefined; // undefined: there is no CA yet
  readonly namespaces: () => readonly string[];
  readonly removeStaleEntries: () => Promise<void>;
}

export interface Leadership extends Election {
  /** The bundle or the namespaces may have changed. */
  readonly nudge: () => void;
}

/** Takes part in the election, and keeps in the cluster what one replica has to keep for as long as this one leads. */
export function startLeadership(api: KubernetesApi, settings: ClusterSettings, upkept: Upkept, log: Log): Leadership {
  const clock = systemClock;
  const withBundle = async (write: (bundle: string) => Promise<void>): Promise<void> => {
    const bundle = upkept.bundle();
    if (bundle !== undefined) await write(bundle);
  };
  const chores = [
    ...webhookConfigurations.map((configuration) => ({
      what: `caBundle of ${configuration.name}`,
      run: () => withBundle((bundle) => keepCaBundle(api, configuration, bundle)),
    })),
    {
      what: "the root certificate in each namespace",
      run: () => withBundle((bundle) => keepRootConfigMaps(api, upkept.namespaces(), bundle)),
    },
    { what: "entries of workloads that are gone", run: upkept.removeStaleEntries },
  ];
  const { lead, nudge } = createUpkeep({ chores, clock, log });
  const place = { namespace: settings.podNamespace, name: "heddle-leader" };
  const election = startElection({ api, place, identity: settings.podName, clock, log, lead });
  return { ...election, nudge };
}
