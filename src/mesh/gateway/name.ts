import { memoNamed } from "../../lib/index.ts";

const none: readonly string[] = Object.freeze([]);

/** Names of gateways as a VirtualService of a namespace writes them, as `namespace/name`; `mesh` stays. */
export function gatewayNames(written: readonly string[] | undefined, namespace: string): readonly string[] {
  return written ? resolved(written, namespace) : none;
}

const resolved = memoNamed((written: readonly string[], namespace: string): readonly string[] =>
  Object.freeze(written.map((name) => gatewayName(name, namespace))),
);

/** `gw` is in the namespace that says it, `gw.ns` and `gw.ns.svc.cluster.local` are old forms of `ns/gw`. */
function gatewayName(written: string, namespace: string): string {
  if (written === "mesh" || written.includes("/")) return written;
  const [name = "", other] = written.split(".");
  return `${other ?? namespace}/${name}`;
}
