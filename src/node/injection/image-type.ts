/**
 * The image with the same version and of another type, as the tags of stock Envoy have it: `envoyproxy/envoy:debug-v1.40.0`. `default`
 * is the image as it stands, and so is one that is named by digest or without a tag. `distroless` is not taken: it has no shell.
 * https://www.envoyproxy.io/docs/envoy/latest/start/install#pre-built-envoy-docker-images
 */
export function imageOfType(image: string, type: string | undefined): string {
  if (type === undefined || type === "default" || type === "distroless" || image.includes("@")) return image;
  const colon = image.lastIndexOf(":");
  if (colon < 0 || image.includes("/", colon)) return image;
  const tag = image.slice(colon + 1);
  return tag.startsWith(`${type}-`) ? image : `${image.slice(0, colon)}:${type}-${tag}`;
}
