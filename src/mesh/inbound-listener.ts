import { memo } from "../lib/index.ts";
import { credentialsFor } from "./gateway/credentials.ts";
import { protocolFor } from "./protocol.ts";
import type { SidecarObject } from "./sidecar.ts";
import type { Credential, InboundPort, IngressListener, ServicePort } from "./types.ts";

type Listener = NonNullable<SidecarObject["spec"]["ingress"]>[number];
type Served = Omit<InboundPort, "mtls">;

/**
 * The ports that a Sidecar's ingress listeners name, in place of those that services name: the others are passed through as they come.
 * As on Istio a workload without any service has none; a listener that no service leads to stands under the first of its services.
 * https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioIngressListener
 */
export function listenerPorts({ spec }: SidecarObject, served: readonly Served[]): readonly Served[] {
  const [first] = served;
  if (!first) return [];
  const ports = (spec.ingress ?? []).map((listener): Served => {
    const { number = 0, protocol = "" } = listener.port;
    const servicePort = servicePortOf(listener);
    const own = ownListener(listener);
    const more = own && { listener: own.listener };
    const known = served.find(({ port }) => port === number);
    if (known) return { ...known, ...(protocol !== "" && { protocol: servicePort.protocol }), ...more };
    return { port: number, protocol: servicePort.protocol, service: first.service, servicePort, ...more };
  });
  return ports.filter(({ protocol }) => protocol !== "UDP").sort((a, b) => a.port - b.port);
}

interface OwnListener {
  readonly listener: IngressListener;
  readonly credentials: readonly Credential[];
}

/** What a listener says of itself beside its port; undefined: nothing, it is like any other port. */
const ownListener = memo(({ bind = "", captureMode = "DEFAULT", tls }: Listener): OwnListener | undefined => {
  const bound = captureMode === "NONE";
  const { mode = "PASSTHROUGH" } = tls ?? {};
  if (!tls || mode === "PASSTHROUGH")
    return bind === "" && !bound ? undefined : { listener: Object.freeze({ bind, bound }), credentials: [] };
  const files = { ...tls, caCertCredentialName: "" }; // a sidecar has no Secrets
  const { certificates, roots, credentials } = credentialsFor(files, "", () => undefined);
  return { listener: Object.freeze({ bind, bound, tls: Object.freeze({ tls, certificates, roots }) }), credentials };
});

/** What the TLS of a Sidecar's listeners needs, each once; the same list as long as the Sidecar is the same. */
export const ingressCredentials = memo((sidecar: SidecarObject): readonly Credential[] => {
  const all = (sidecar.spec.ingress ?? []).flatMap((listener) => ownListener(listener)?.credentials ?? []);
  return Object.freeze([...new Map(all.map((credential) => [credential.name, credential])).values()]);
});

/** The same object as long as the Sidecar is the same, so that replicas and snapshots share what is made of it. */
const servicePortOf = memo(({ port }: Listener): ServicePort => {
  const { number = 0, name = "", protocol = "" } = port;
  return Object.freeze({
    name,
    number,
    protocol: protocolFor(name, protocol || undefined, number),
    targetPort: number,
  });
});
