/**
 * How a sidecar knows mesh traffic, and HTTP inside it, before it has decrypted a byte: by the ALPN protocols the client
 * offers. The names are Istio's; https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
 *
 * The contract, tried between two Envoys 1.40:
 * - The server picks its filter chain by the client's list in the client's order: the first name that any chain matches wins.
 *   So a client offers first what says most (`istio-h2`), then `istio` for servers that only ask "is it the mesh?".
 * - The server then answers with the first of its own `alpn_protocols` that the client offered too. `h2` makes the HTTP codec
 *   HTTP/2, any other name makes it HTTP/1.1, and no answer at all makes it look for the HTTP/2 preface. So a marker such as
 *   `istio-h2` must never be in the server's list, and a client that may speak either (`meshAlpnAuto`) offers neither real name.
 * - A cluster of an auto-detected port carries HTTP and TCP alike and offers `meshAlpnAuto`. A TCP filter chain in front of it
 *   puts `meshAlpnOverride` before its tcp_proxy (envoy.filters.network.set_filter_state, shared with upstream ONCE), or
 *   the server would take its bytes for HTTP. Stock Envoy reads that key where Istio's proxy has the istio.alpn filter.
 *   Leave it out where the cluster's TLS is not the mesh's: the override would replace the user's ALPN too.
 * - `istio-peer-exchange` is understood by servers for Istio's clients, and never offered: stock Envoy cannot exchange.
 */

/** What a client offers towards an HTTP/1.1 upstream in the mesh. */
export const meshAlpnHttp1: readonly string[] = ["istio-http/1.1", "istio", "http/1.1"];

/** What a client offers towards an HTTP/2 (or gRPC) upstream in the mesh. */
export const meshAlpnHttp2: readonly string[] = ["istio-h2", "istio", "h2"];

/** What a client offers where the HTTP version is the downstream's: auto-detected ports and useClientProtocol. */
export const meshAlpnAuto: readonly string[] = ["istio-http/1.1", "istio"];

/** What a client offers towards a TCP (or TLS, database, ...) upstream in the mesh. */
export const meshAlpnTcp: readonly string[] = ["istio"];

/** The filter state that a TCP filter chain sets in front of a cluster that offers `meshAlpnAuto`. */
export const meshAlpnOverride = { key: "envoy.network.application_protocols", value: meshAlpnTcp.join(",") } as const;

/** `application_protocols` of a server's filter chain for HTTP from the mesh on an auto-detected port. */
export const matchMeshHttp: readonly string[] = ["istio-http/1.0", "istio-http/1.1", "istio-h2"];

/** `application_protocols` of a server's filter chain for TCP from the mesh on an auto-detected port. */
export const matchMeshTcp: readonly string[] = ["istio", "istio-peer-exchange"];

/** `application_protocols` of a server's filter chain for anything from the mesh: ports with a declared protocol. */
export const matchMesh: readonly string[] = [...matchMeshTcp, ...matchMeshHttp];

/** `alpn_protocols` of a server's TLS context before an HTTP connection manager with codec AUTO. */
export const serverAlpnHttp: readonly string[] = ["h2", "http/1.1"];

/** `alpn_protocols` of a server's TLS context before a tcp_proxy: none, the bytes inside are not ours to name. */
export const serverAlpnTcp: readonly string[] = [];
