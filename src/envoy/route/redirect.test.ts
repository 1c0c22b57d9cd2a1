import { RedirectAction } from "../../../generated/envoy/config/route/v3/route_components.ts";
import { buildRedirect } from "./redirect.ts";

describe("buildRedirect", () => {
  it.each([
    [{}, {}],
    [
      { uri: "/a", authority: "b" },
      { pathRedirect: "/a", hostRedirect: "b" },
    ],
    [{ redirectCode: 301 }, {}],
    [{ redirectCode: 302 }, { responseCode: "FOUND" }],
    [{ redirectCode: 308 }, { responseCode: "PERMANENT_REDIRECT" }],
    [{ port: 8443 }, { portRedirect: 8443 }],
    [{ port: 80 }, {}],
    [
      { port: 80, scheme: "https" },
      { schemeRedirect: "https", portRedirect: 80 },
    ],
    [{ port: 443, scheme: "https" }, { schemeRedirect: "https" }],
    [{ derivePort: "FROM_REQUEST_PORT" }, { portRedirect: 8080 }],
    [{ derivePort: "FROM_PROTOCOL_DEFAULT" }, {}],
  ] as const)("%j", (redirect, expected) => {
    expect(RedirectAction.toJSON(buildRedirect(redirect, { port: 8080 }))).toEqual(expected);
  });

  it.each([
    [{ derivePort: "FROM_REQUEST_PORT" }, {}],
    [{ port: 80 }, { portRedirect: 80 }],
    [{ port: 443 }, {}],
    [{ port: 80, scheme: "http" }, { schemeRedirect: "http" }],
    [
      { derivePort: "FROM_REQUEST_PORT", scheme: "http" },
      { schemeRedirect: "http", portRedirect: 443 },
    ],
  ] as const)("%j of what came over TLS to port 443", (redirect, expected) => {
    expect(RedirectAction.toJSON(buildRedirect(redirect, { port: 443, overTls: true }))).toEqual(expected);
  });
});
