import { readApi, readOwnImage, type KubernetesApi } from "../../cluster/index.ts";
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
 * name no image of Heddle's, it is the one of our own pod: who changes the Deployment's image has changed that of init containers too.
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
  let last: { readonly text: string | undefined; readonly image: string | undefined } | undefined;
  const read = async (): Promise<void> => {
    // Our pod's image is what this process runs: once known, it stays.
    const image = last?.image ?? (await readOwnImage(api, namespace, podName));
    const text = await readApi(api, `/api/v1/namespaces/${namespace}/configmaps/heddle`, "data", "injection");
    if (last && text === last.text && image === last.image) return;
    last = { text, image };
    if (image !== undefined) defaults = { ...defaults, image };
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
