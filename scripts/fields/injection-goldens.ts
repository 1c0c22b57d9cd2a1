/** What injection makes of the goldens of `src/node/testdata/injection`: settings, a Pod, ProxyConfigs and a MeshConfig. */
import { stringify } from "yaml";
import { parseDocuments } from "../../src/model/index.ts";
import { injectPod, parseInjectionSettings, parsePod, podFields, proxyRunFor } from "../../src/node/index.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The injected pod as one text; "" where there is none. */
export function injected([about = {}, object = {}, ...policies]: readonly Fields[]): string {
  const settings = parseInjectionSettings(stringify(about["settings"] ?? {}), "settings").value;
  const pod = object["kind"] === "Pod" ? parsePod(object).value : undefined;
  if (!settings || !pod) return "";
  const objects = policies.flatMap((policy) => parseDocuments(stringify(policy), "in.yaml").objects);
  const { namespace } = about;
  const { labels, annotations } = pod.metadata;
  const owner = { namespace: typeof namespace === "string" ? namespace : "default", labels, annotations };
  const { value } = injectPod(pod, settings, proxyRunFor(objects, owner));
  return value ? JSON.stringify(podFields(value)) : "";
}
