import { schema } from "../../../generated/schemas/proxy-config.ts";
import { istioKind } from "../kind.ts";
import { checkSelector } from "../names.ts";
import { checkImage, checkThreads, checkVariables } from "./proxy-settings.ts";

/**
 * How the proxies of workloads are run, from their next start on.
 * https://istio.io/latest/docs/reference/config/networking/proxy-config/
 */
export const proxyConfig = istioKind("ProxyConfig", ["networking.istio.io/v1beta1"], schema, (spec, place) => {
  const { selector, concurrency, environmentVariables, image } = spec;
  if (selector) checkSelector(selector.matchLabels, place.at("selector"));
  checkThreads(concurrency, place.at("concurrency"));
  checkVariables(environmentVariables, place.at("environmentVariables"));
  checkImage(image, place.at("image"));
});
