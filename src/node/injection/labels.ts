import { marks } from "./names.ts";

type Labels = Readonly<Record<string, string>>;

/** The name of the app a pod belongs to, by Istio's precedence. */
export function appOf(labels: Labels): string | undefined {
  return labels[marks.canonicalName] ?? labels["app.kubernetes.io/name"] ?? labels["app"];
}

/** Labels an injected pod gets where it has none of the name. */
export function injectedLabels(labels: Labels, gateway: boolean): Record<string, string> {
  const app = appOf(labels);
  const revision = labels[marks.canonicalRevision] ?? labels["app.kubernetes.io/version"] ?? labels["version"];
  return {
    ...(gateway ? {} : { [marks.tlsMode]: labels[marks.tlsMode] ?? "istio" }), // callers use mTLS to it; a gateway's servers say
    ...(app === undefined ? {} : { [marks.canonicalName]: app }),
    [marks.canonicalRevision]: revision ?? "latest",
  };
}
