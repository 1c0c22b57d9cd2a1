import { codes } from "../codes.ts";
import { show } from "../names.ts";
import { eachEntry, type Place } from "../report.ts";

/** Worker threads of a proxy; 0 is as many as there are CPUs. */
export function checkThreads(count: number | undefined, place: Place): void {
  if (count !== undefined && count > 256) place.error(codes.outOfRange, `${count} is not between 0 and 256`);
}

/** Variables of a proxy's environment. */
export function checkVariables(variables: Readonly<Record<string, string>> | undefined, place: Place): void {
  eachEntry(variables, place, (name, _value, at) => {
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name)) at.error(codes.name, `"${show(name)}" is not the name of a variable`);
  });
}

/** The image that a proxy is run from. */
export function checkImage(image: { readonly imageType?: string } | undefined, place: Place): void {
  if (!image?.imageType) return;
  const at = place.at("imageType");
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(image.imageType))
    at.error(codes.value, `"${show(image.imageType)}" is not a type of image`);
  if (image.imageType === "distroless")
    at.warn(codes.noEffect, "that image has no shell, by which a proxy is drained: the usual one is taken");
}
