import { schema } from "../../../generated/schemas/proxy-config.ts";
import { codes } from "../codes.ts";
import { istioKind } from "../kind.ts";
import { checkSelector, show } from "../names.ts";

/**
 * How the proxies of workloads are run, from their next start on.
 * https://istio.io/latest/docs/reference/config/networking/proxy-config/
 */
export const proxyConfig = istioKind("ProxyConfig", ["networking.istio.io/v1beta1"], schema, (spec, place) => {
  const { selector, concurrency = 0, environmentVariables = {}, image } = spec;
  if (selector) checkSelector(selector.matchLabels, place.at("selector"));
  if (concurrency > 256) place.at("concurrency").error(codes.outOfRange, `${concurrency} is not between 0 and 256`);
  for (const name of Object.keys(environmentVariables))
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name))
      place.at("environmentVariables", name).error(codes.name, `"${show(name)}" is not the name of a variable`);
  if (image?.imageType && !/^[a-z0-9][a-z0-9-]{0,62}$/.test(image.imageType))
    place.at("image", "imageType").error(codes.value, `"${show(image.imageType)}" is not a type of image`);
  if (image?.imageType === "distroless")
    place
      .at("image", "imageType")
      .warn(codes.noEffect, "that image has no shell, by which a proxy is drained: the usual one is taken");
});
