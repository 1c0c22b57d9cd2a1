import { isDeepStrictEqual } from "node:util";
import { readApi, readOwnPod, type KubernetesApi, type OwnPod } from "../../cluster/index.ts";
import { formatProblem, type Log } from "../../lib/index.ts";
import { defaultInjectionSettings, parseInjectionSettings, type InjectionSettings } from "../../node/index.ts";

const everyMs = 15_000;

/** The settings of injection in force, read again now and then. */
export interface InjectionSource {
  readonly current: () => InjectionSettings;
  readonly stop: () => void;
}

/**
 * Follows the key `injection` of the ConfigMap `heddle`. What cannot be read, or has an error, leaves the settings as they are. Where they
 * name no image of Heddle's, it is the one of our own pod: who changes the Deployment's image has changed that of init containers too; and
 * where they say nothing of IPv6, other pods have it if ours does.
 */
export async function followInjectionSettings(
  api: KubernetesApi,
  namespace: string,
  podName: string,
  log: Log,
): Promise<InjectionSource> {
  const service = `heddle.${namespace}.svc`;
  const controlPlane = { ...defaultInjectionSettings.controlPlane, address: service, serverName: service };
  const minor = Number.parseInt((await readApi(api, "/version", "minor").catch(() => undefined)) ?? "", 10);
  let defaults: InjectionSettings = {
    ...{ ...defaultInjectionSettings, controlPlane },
    ...(Number.isInteger(minor) && { kubernetesMinor: minor }),
  };
  let current: InjectionSettings = defaults;
  let last: { readonly text: string | undefined; readonly own: OwnPod | undefined } | undefined;
  const read = async (): Promise<void> => {
    // What our pod runs and where it is stays: once all of it is known, it is not asked for again.
    const isKnown = last?.own?.image !== undefined && last.own.addresses.length > 0;
    const own = isKnown ? last?.own : await readOwnPod(api, namespace, podName);
    const text = await readApi(api, `/api/v1/namespaces/${namespace}/configmaps/heddle`, "data", "injection");
    if (last && text === last.text && isDeepStrictEqual(own, last.own)) return;
    last = { text, own };
    const ipv6 = own?.addresses.some((address) => address.includes(":")) ?? defaults.ipv6;
    defaults = { ...defaults, ipv6, ...(own?.image !== undefined && { image: own.image }) };
    const { value, problems } = parseInjectionSettings(text, `ConfigMap ${namespace}/heddle injection`, defaults);
    for (const problem of problems) log.warn({ problem: formatProblem(problem) }, "the settings of injection");
    if (value) current = value;
  };
  const attempt = (): Promise<void> =>
    read().catch((error: unknown) =>
      log.warn({ err: error }, "the settings of injection cannot be read: those we have stay"),
    );
  await attempt();
  const timer = setInterval(() => void attempt(), everyMs).unref();
  return { current: () => current, stop: () => clearInterval(timer) };
}
