import { RouteConfiguration } from "../../../generated/envoy/config/route/v3/route.ts";
import { HttpConnectionManager } from "../../../generated/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts";
import type { MeshSettings } from "../../mesh/index.ts";
import { settings } from "../cluster/test-support.ts";
import { buildHttpConnectionManager, httpFilters } from "./index.ts";

function built(direction: "inbound" | "outbound", config: MeshSettings["config"] = {}) {
  const routes = direction === "inbound" ? { inline: RouteConfiguration.fromPartial({ name: "own" }) } : { rds: "80" };
  const options = { direction, statPrefix: "test", routes, settings: { ...settings, config } };
  return HttpConnectionManager.toJSON(buildHttpConnectionManager(options)) as Record<string, unknown> & {
    httpFilters: { name: string; disabled?: boolean }[];
  };
}

describe("buildHttpConnectionManager", () => {
  it("waits for routes by name on the way out, and brings its own on the way in", () => {
    const configSource = { ads: {}, initialFetchTimeout: "0s", resourceApiVersion: "V3" };
    expect(built("outbound")).toMatchObject({ rds: { routeConfigName: "80", configSource } });
    expect(built("inbound")).toMatchObject({ routeConfig: { name: "own" } });
  });

  it("believes no one who says who the peer is", () => {
    expect(built("inbound")).toMatchObject({
      forwardClientCertDetails: "SANITIZE_SET",
      setCurrentClientCertDetails: { subject: true, uri: true },
      commonHttpProtocolOptions: { headersWithUnderscoresAction: "REJECT_REQUEST" },
    });
    expect(built("outbound")).not.toHaveProperty("forwardClientCertDetails"); // SANITIZE, Envoy's default
  });

  it.each([
    [undefined, { normalizePath: true }],
    ["BASE", { normalizePath: true }],
    ["NONE", { normalizePath: false }],
    ["MERGE_SLASHES", { normalizePath: true, mergeSlashes: true }],
    [
      "DECODE_AND_MERGE_SLASHES",
      { normalizePath: true, mergeSlashes: true, pathWithEscapedSlashesAction: "UNESCAPE_AND_FORWARD" },
    ],
  ] as const)("normalizes paths as the mesh says: %s", (normalization, expected) => {
    const config = normalization ? { pathNormalization: { normalization } } : {};
    for (const direction of ["inbound", "outbound"] as const) expect(built(direction, config)).toMatchObject(expected);
  });

  it("disables the filters that only routes speak to, and no other", () => {
    const disabled = built("outbound").httpFilters.filter((filter) => filter.disabled);
    expect(disabled.map(({ name }) => name)).toEqual([
      "envoy.filters.http.cors",
      "envoy.filters.http.fault",
      "envoy.filters.http.on_demand",
    ]);
    expect(built("inbound").httpFilters.some((filter) => filter.disabled)).toBe(false);
  });

  it("has the filters that a policy may switch on, whether or not one does, and the router last", () => {
    const names = built("outbound").httpFilters.map(({ name }) => name);
    expect(names).toEqual([
      "envoy.filters.http.cors",
      "envoy.filters.http.fault",
      "envoy.filters.http.on_demand",
      "envoy.filters.http.router",
    ]);
    expect(built("inbound").httpFilters.at(-1)?.name).toBe("envoy.filters.http.router");
    expect(new Set(httpFilters.map(({ name }) => name)).size).toBe(httpFilters.length);
  });
});
