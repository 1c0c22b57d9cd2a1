import { Secret } from "../../generated/envoy/extensions/transport_sockets/tls/v3/secret.ts";
import { Any } from "../../generated/google/protobuf/any.ts";
import { packAny, typeUrls, type Resource, type XdsType } from "../envoy/index.ts";
import { byCodeUnit } from "../lib/index.ts";
import type { Session } from "./session.ts";

/** One resource as a proxy holds it, for people to look at: `bytes` is an encoded Any, without private keys. */
export type ServedResource = Pick<Resource, "type" | "name" | "version" | "bytes" | "provenance">;

/** All that a proxy holds, by type in push order, sorted by name. */
export function viewServed(session: Session): ServedResource[] {
  const types = Object.keys(typeUrls) as XdsType[];
  return types.flatMap((type) => {
    const state = session.states.get(type);
    if (!state) return [];
    const resources = session.held(state).flat();
    return resources
      .sort((a, b) => byCodeUnit(a.name, b.name))
      .map((resource) => (type === "sds" ? redact(resource) : resource));
  });
}

const redacted = { inlineString: "[redacted]" };

/** A secret without its private key; one that cannot be read is left out but for its name. */
function redact(resource: Resource): ServedResource {
  const { type, name, version, provenance } = resource;
  try {
    const { validationContext, tlsCertificate } = Secret.decode(Any.decode(resource.bytes).value);
    const secret = Secret.fromPartial({
      name,
      ...(validationContext ? { validationContext } : {}),
      ...(tlsCertificate
        ? { tlsCertificate: { certificateChain: tlsCertificate.certificateChain ?? redacted, privateKey: redacted } }
        : {}),
    });
    return { type, name, version, provenance, bytes: Any.encode(packAny(Secret, secret)).finish() };
  } catch {
    return { type, name, version, provenance, bytes: new Uint8Array() };
  }
}
