import { isHttp } from "../names.ts";
import type { MtlsMode, Protocol } from "../../mesh/index.ts";
import { matchMesh, matchMeshHttp, matchMeshTcp } from "../tls-alpn.ts";
import { plaintextHttp, type ChainMatch } from "./chain-match.ts";

/** One way in to a port: how it is recognised, whether mutual TLS ends here, and what is spoken inside. */
export interface InboundMode {
  readonly match: Pick<ChainMatch, "alpn" | "transport">;
  readonly terminatesTls: boolean;
  readonly speaks: "HTTP" | "TCP";
}

const meshHttpOnly: InboundMode = { match: { transport: "tls", alpn: matchMesh }, terminatesTls: true, speaks: "HTTP" };
const meshTcpOnly: InboundMode = { match: { transport: "tls", alpn: matchMesh }, terminatesTls: true, speaks: "TCP" };
const meshHttp: InboundMode = { match: { transport: "tls", alpn: matchMeshHttp }, terminatesTls: true, speaks: "HTTP" };
const meshTcp: InboundMode = { match: { transport: "tls", alpn: matchMeshTcp }, terminatesTls: true, speaks: "TCP" };
const anyTlsAsHttp: InboundMode = { match: { transport: "tls" }, terminatesTls: true, speaks: "HTTP" };
const anyTlsAsTcp: InboundMode = { match: { transport: "tls" }, terminatesTls: true, speaks: "TCP" };
const foreignTls: InboundMode = { match: { transport: "tls" }, terminatesTls: false, speaks: "TCP" }; // the app's own TLS
const plainHttpOnly: InboundMode = { match: { transport: "raw_buffer" }, terminatesTls: false, speaks: "HTTP" };
const plainTcp: InboundMode = { match: { transport: "raw_buffer" }, terminatesTls: false, speaks: "TCP" };
const plainHttp: InboundMode = {
  match: { transport: "raw_buffer", alpn: plaintextHttp },
  terminatesTls: false,
  speaks: "HTTP",
};

/**
 * What is let in, by what the port was declared to speak and by the PeerAuthentication mode. Under STRICT nothing takes
 * plaintext, so Envoy closes such a connection: there is no chain to fall back to.
 * https://istio.io/latest/docs/reference/config/security/peer_authentication/#PeerAuthentication-MutualTLS-Mode
 */
const modes: Readonly<Record<"HTTP" | "TCP" | "AUTO", Readonly<Record<MtlsMode, readonly InboundMode[]>>>> = {
  HTTP: {
    STRICT: [anyTlsAsHttp],
    PERMISSIVE: [meshHttpOnly, plainHttpOnly],
    DISABLE: [plainHttpOnly],
  },
  TCP: {
    STRICT: [anyTlsAsTcp],
    PERMISSIVE: [meshTcpOnly, plainTcp, foreignTls],
    DISABLE: [plainTcp],
  },
  AUTO: {
    STRICT: [meshHttp, anyTlsAsTcp],
    PERMISSIVE: [meshHttp, plainHttp, meshTcp, plainTcp, foreignTls],
    DISABLE: [plainHttp, plainTcp],
  },
};

/** What comes out of TLS that the listener ends itself: other connections are closed. What a client offers tells of a detected port. */
const ended: Readonly<Record<"HTTP" | "TCP" | "AUTO", readonly InboundMode[]>> = {
  HTTP: [anyTlsAsHttp],
  TCP: [anyTlsAsTcp],
  AUTO: [{ ...anyTlsAsHttp, match: { transport: "tls", alpn: ["h2", "http/1.1", "http/1.0"] } }, anyTlsAsTcp],
};

/** The ways in to a port of which a Sidecar says that its TLS ends there: HTTPS is HTTP inside, and TLS is bytes. */
export function endingModes(protocol: Protocol): readonly InboundMode[] {
  if (protocol === "AUTO") return ended.AUTO;
  return ended[isHttp(protocol) || protocol === "HTTPS" ? "HTTP" : "TCP"];
}

/** The ways in to a port, most particular first. */
export function inboundModes(protocol: Protocol, mtls: MtlsMode): readonly InboundMode[] {
  if (protocol === "AUTO") return modes.AUTO[mtls];
  return modes[isHttp(protocol) ? "HTTP" : "TCP"][mtls];
}
