import {
  clusterUnder,
  endpointOf,
  http,
  serviceOf,
  setOf,
  settings,
  visibleOf,
  viewOf,
  jsonOf,
} from "./test-support.ts";
import { Cluster } from "../../../generated/envoy/config/cluster/v3/cluster.ts";
import { outboundClusters } from "./index.ts";

type Policy = Parameters<typeof clusterUnder>[0];

interface Socket {
  readonly name: string;
  readonly typedConfig: {
    readonly sni?: string;
    readonly transportSocket?: Socket;
    readonly commonTlsContext: {
      readonly alpnProtocols?: string[];
      readonly combinedValidationContext?: { defaultValidationContext: { matchTypedSubjectAltNames?: Named[] } };
      readonly validationContext?: { trustedCa: { filename: string }; matchTypedSubjectAltNames?: Named[] };
    };
  };
}
interface Named {
  readonly sanType: string;
  readonly matcher: { readonly exact: string };
}
interface Sockets {
  readonly transportSocket?: Socket;
  readonly transportSocketMatches?: { readonly match: object; readonly transportSocket: Socket }[];
}

const socketsOf = (policy: Policy, ...rest: [Parameters<typeof clusterUnder>[1]?, ReturnType<typeof serviceOf>?]) =>
  clusterUnder(policy, ...rest) as Sockets;
const names = (matchers: Named[] | undefined) => matchers?.map(({ sanType, matcher }) => `${sanType} ${matcher.exact}`);
const meshNames = (socket: Socket | undefined) =>
  names(
    socket?.typedConfig.commonTlsContext.combinedValidationContext?.defaultValidationContext.matchTypedSubjectAltNames,
  );

describe("auto mTLS", () => {
  it("speaks mTLS to the endpoints that can, and plaintext to the others", () => {
    const { transportSocketMatches: [mesh, ...others] = [], transportSocket: plain } = socketsOf(undefined);
    expect(mesh?.match).toEqual({ tlsMode: "istio" });
    expect(mesh?.transportSocket).toMatchObject({
      name: "envoy.transport_sockets.tls",
      typedConfig: {
        sni: "outbound_.80_._.reviews.default.svc.cluster.local",
        commonTlsContext: {
          tlsParams: { tlsMinimumProtocolVersion: "TLSv1_2", tlsMaximumProtocolVersion: "TLSv1_3" },
          tlsCertificateSdsSecretConfigs: [{ name: "default", sdsConfig: { ads: {}, initialFetchTimeout: "0s" } }],
          combinedValidationContext: { validationContextSdsSecretConfig: { name: "ROOTCA" } },
        },
      },
    });
    expect(meshNames(mesh?.transportSocket)).toEqual(["URI spiffe://cluster.local/ns/default/sa/reviews"]);
    expect(others).toEqual([]);
    expect(plain).toBeUndefined(); // Envoy's own default is plaintext
  });

  it("accepts the accounts under the aliases of the trust domain", () => {
    const sockets = socketsOf(undefined, { settings: { ...settings, trustDomainAliases: ["old"] } });
    expect(meshNames(sockets.transportSocketMatches?.[0]?.transportSocket)).toEqual([
      "URI spiffe://cluster.local/ns/default/sa/reviews",
      "URI spiffe://old/ns/default/sa/reviews",
    ]);
  });

  it("is off for a service outside the mesh, where the mesh turns it off, and where servers refuse it", () => {
    expect(socketsOf(undefined, {}, serviceOf({ meshExternal: true }))).not.toHaveProperty("transportSocketMatches");
    const off = socketsOf(undefined, { settings: { ...settings, autoMtls: false } });
    expect(off).not.toHaveProperty("transportSocketMatches");
    const refused = viewOf([{ ...visibleOf(), mtls: { 80: "DISABLE" } }]);
    const cluster = jsonOf(Cluster, outboundClusters(refused), "outbound|80||reviews.default.svc.cluster.local");
    expect(cluster).not.toHaveProperty("transportSocketMatches");
  });

  it("decides for all of a cluster of original destinations: mTLS when every endpoint can", () => {
    const headless = serviceOf({ resolution: "NONE", headless: true });
    const able = endpointOf("10.1.0.2", { meshMtls: true });
    const unable = endpointOf("10.1.0.3");
    expect(socketsOf(undefined, { endpoints: setOf(able) }, headless).transportSocket?.name).toMatch(/tls$/);
    expect(socketsOf(undefined, { endpoints: setOf(able, unable) }, headless)).not.toHaveProperty("transportSocket");
    expect(socketsOf(undefined, { endpoints: setOf() }, headless)).not.toHaveProperty("transportSocket");
  });

  it.each([
    ["HTTP", ["istio-http/1.1", "istio", "http/1.1"]],
    ["GRPC", ["istio-h2", "istio", "h2"]],
    ["AUTO", ["istio-http/1.1", "istio"]],
    ["TCP", ["istio"]],
    ["HTTPS", ["istio"]],
  ] as const)("offers for %s what the server tells it by", (protocol, alpn) => {
    const sockets = socketsOf(undefined, {}, serviceOf({ ports: [{ ...http, protocol }] }));
    const socket = sockets.transportSocketMatches?.[0]?.transportSocket;
    expect(socket?.typedConfig.commonTlsContext.alpnProtocols).toEqual(alpn);
  });
});

describe("TLS of a rule", () => {
  it("DISABLE, or no mode, is plaintext", () => {
    for (const tls of [{ mode: "DISABLE" } as const, { sni: "x" }]) {
      const sockets = socketsOf({ tls });
      expect(sockets).not.toHaveProperty("transportSocket");
      expect(sockets).not.toHaveProperty("transportSocketMatches");
    }
  });

  it("ISTIO_MUTUAL is mTLS to all endpoints, with the rule's names where it has some", () => {
    const tls = { mode: "ISTIO_MUTUAL", sni: "other", subjectAltNames: ["spiffe://x/y"] } as const;
    const { transportSocket, transportSocketMatches } = socketsOf({ tls });
    expect(transportSocketMatches).toBeUndefined();
    expect(transportSocket?.typedConfig.sni).toBe("other");
    expect(meshNames(transportSocket)).toEqual(["URI spiffe://x/y"]);
    expect(meshNames(socketsOf({ tls: { mode: "ISTIO_MUTUAL" } }).transportSocket)).toHaveLength(1);
  });

  it("SIMPLE checks the server against a bundle and against names of their own kind", () => {
    const subjectAltNames = ["a.example.com", "spiffe://x/y", "1.2.3.4", "fd00::1"];
    const tls = { mode: "SIMPLE", sni: "a.example.com", caCertificates: "/etc/ca.pem", subjectAltNames } as const;
    const context = socketsOf({ tls }).transportSocket?.typedConfig.commonTlsContext.validationContext;
    expect(context?.trustedCa).toEqual({ filename: "/etc/ca.pem" });
    expect(names(context?.matchTypedSubjectAltNames)).toEqual([
      "DNS a.example.com",
      "URI spiffe://x/y",
      "IP_ADDRESS 1.2.3.4",
      "IP_ADDRESS fd00::1",
    ]);
  });

  it("SIMPLE without names asks for and checks the request's host", () => {
    const options = (tls: object, service = serviceOf()) =>
      JSON.stringify(
        clusterUnder({ tls: { mode: "SIMPLE", ...tls } }, {}, service)["typedExtensionProtocolOptions"] ?? {},
      );
    expect(options({})).toContain('"upstreamHttpProtocolOptions":{"autoSni":true,"autoSanValidation":true}');
    expect(options({ insecureSkipVerify: true })).toContain('{"autoSni":true}');
    expect(options({}, serviceOf({ subjectAltNames: ["b"] }))).toContain('{"autoSni":true}');
    expect(options({ sni: "a" })).not.toContain("auto");
  });

  it("SIMPLE trusts the system's roots, or nobody at all on request", () => {
    const contextOf = (tls: object) => socketsOf({ tls: { mode: "SIMPLE", ...tls } }).transportSocket?.typedConfig;
    expect(contextOf({})?.commonTlsContext.validationContext?.trustedCa.filename).toContain("/etc/ssl/certs/");
    expect(contextOf({ insecureSkipVerify: true })?.commonTlsContext).not.toHaveProperty("validationContext");
  });

  it("MUTUAL presents a certificate from files", () => {
    const tls = { mode: "MUTUAL", clientCertificate: "/c", privateKey: "/k", caCrl: "/crl" } as const;
    expect(socketsOf({ tls }).transportSocket?.typedConfig.commonTlsContext).toMatchObject({
      tlsCertificates: [{ certificateChain: { filename: "/c" }, privateKey: { filename: "/k" } }],
      validationContext: { crl: { filename: "/crl" } },
    });
  });

  it("never falls back to plaintext for a secret it may not read", () => {
    const tls = { mode: "SIMPLE", credentialName: "secret" } as const;
    expect(socketsOf({ tls }).transportSocket?.name).toBe("envoy.transport_sockets.tls");
  });
});

it("puts the PROXY header around every way out", () => {
  const inner = (socket: Socket | undefined) => [socket?.name, socket?.typedConfig.transportSocket?.name];
  const sockets = socketsOf({ proxyProtocol: { version: "V2" } });
  const ways = [
    ...(sockets.transportSocketMatches ?? []).map(({ transportSocket }) => transportSocket),
    sockets.transportSocket,
  ];
  expect(ways.map(inner)).toEqual([
    ["envoy.transport_sockets.upstream_proxy_protocol", "envoy.transport_sockets.tls"],
    ["envoy.transport_sockets.upstream_proxy_protocol", "envoy.transport_sockets.raw_buffer"],
  ]);
  const plain = socketsOf({ proxyProtocol: {}, tls: { mode: "DISABLE" } });
  expect(inner(plain.transportSocket)[1]).toBe("envoy.transport_sockets.raw_buffer");
});
