import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from "jose";
import { echoPod, echoService, gatewayPod, meshForSuite, policy, waitFor } from "./harness/index.ts";

const mesh = meshForSuite({
  yaml: [gatewayPod({ name: "edge" }), echoPod({ name: "server" }), echoService({ name: "server" })].join(""),
});

const issuer = "https://issuer.example";
let sign: (claims: JWTPayload) => Promise<string>;

const claim = (name: string, value: object): object => ({ headers: { [name]: value } });
const saying = (word: string, match?: object): object => ({
  ...(match && { match: [match] }),
  directResponse: { status: 200, body: { string: word } },
});
/** Each rule answers with its name. */
const routes = policy("VirtualService", "claims", {
  hosts: ["shop.example"],
  gateways: ["front"],
  http: [
    saying("text", claim("@request.auth.claims.role", { exact: "admin" })),
    saying("one of a list", claim("@request.auth.claims.groups", { exact: "ops" })),
    saying("nested", claim("@request.auth.claims[team][name]", { prefix: "blue" })),
    saying("name with dots", claim("@request.auth.claims[example.com/plan]", { regex: "gold|silver" })),
    saying("there", claim("@request.auth.claims.beta", {})),
    saying("without", {
      uri: { prefix: "/without" },
      withoutHeaders: { "@request.auth.claims.role": { exact: "guest" } },
    }),
    saying("rest"),
  ],
});
const front = {
  selector: { istio: "ingressgateway" },
  servers: [{ port: { number: 8080, name: "http", protocol: "HTTP" }, hosts: ["shop.example"] }],
};

/** The filter that verifies tokens, as users have it until RequestAuthentication is here. */
function verifying(jwks: object): object {
  return {
    workloadSelector: { labels: { istio: "ingressgateway" } },
    configPatches: [
      {
        applyTo: "HTTP_FILTER",
        match: {
          context: "GATEWAY",
          listener: { filterChain: { filter: { name: "envoy.filters.network.http_connection_manager" } } },
        },
        patch: {
          operation: "INSERT_FIRST",
          value: {
            name: "envoy.filters.http.jwt_authn",
            typed_config: {
              "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
              providers: {
                known: {
                  issuer,
                  local_jwks: { inline_string: JSON.stringify(jwks) },
                  payload_in_metadata: "payload",
                  clear_route_cache: true,
                },
              },
              rules: [
                {
                  match: { prefix: "/" },
                  requires: { requires_any: { requirements: [{ provider_name: "known" }, { allow_missing: {} }] } },
                },
              ],
            },
          },
        },
      },
    ],
  };
}

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const jwk = { ...(await exportJWK(publicKey)), kid: "k", alg: "ES256", use: "sig" };
  sign = (claims) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", kid: "k" })
      .setIssuer(issuer)
      .setExpirationTime("1h")
      .sign(privateKey);
  const document = (apiVersion: string, kind: string, name: string, spec: object): string =>
    `---\n${JSON.stringify({ apiVersion, kind, metadata: { name, namespace: "default" }, spec })}\n`;
  await mesh().applyPolicy(
    document("networking.istio.io/v1", "Gateway", "front", front) +
      document("networking.istio.io/v1alpha3", "EnvoyFilter", "verify", verifying({ keys: [jwk] })) +
      routes,
  );
  await waitFor("the gateway", async () => (await word("/")) === "rest");
});

async function word(path: string, token?: string): Promise<string | undefined> {
  const headers = { host: "shop.example", ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const url = `http://${mesh().addressOf("edge")}:8080${path}`;
  const { answers } = await mesh().requestFromOutside(url, { headers, keepAlive: false });
  return answers[0]?.text;
}

it.each<[claims: JWTPayload, expected: string, path?: string]>([
  [{ role: "admin" }, "text"],
  [{ role: "administrator" }, "rest"],
  [{ groups: ["dev", "ops"] }, "one of a list"],
  [{ groups: ["dev"] }, "rest"],
  [{ team: { name: "blue-2" } }, "nested"],
  [{ team: { name: "red" } }, "rest"],
  [{ "example.com/plan": "silver" }, "name with dots"],
  [{ "example.com/plan": "silverish" }, "rest"],
  [{ beta: "anything" }, "there"],
  [{ role: "user" }, "without", "/without"],
  [{ role: "guest" }, "rest", "/without"],
])("a token with %j: %s", async (claims, expected, path = "/") => {
  expect(await word(path, await sign(claims))).toBe(expected);
});

it("headers of the same names are nobody's claims", async () => {
  const headers = { host: "shop.example", role: "admin", "x-request-auth-claims-role": "admin" };
  const { answers } = await mesh().requestFromOutside(`http://${mesh().addressOf("edge")}:8080/`, { headers });
  expect(answers[0]?.text).toBe("rest");
});

it("a token that somebody else has signed has no claims, and is refused", async () => {
  const { privateKey } = await generateKeyPair("ES256");
  const forged = await new SignJWT({ role: "admin" })
    .setProtectedHeader({ alg: "ES256", kid: "k" })
    .setIssuer(issuer)
    .setExpirationTime("1h")
    .sign(privateKey);
  expect(await word("/", forged)).toMatch(/Jwt verification fails/);
});
