import { webhooksForSuite } from "../testdata/webhooks.ts";

const webhooks = webhooksForSuite();

const route = (spec: object) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { name: "cart", namespace: "shop" },
  spec,
});
const good = { hosts: ["cart"], http: [{ route: [{ destination: { host: "cart" } }] }] };

describe("validation", () => {
  afterEach(() => webhooks.findings.splice(0));

  it("admits what is right", async () => {
    expect(await webhooks.ask("/validate", route(good))).toEqual({ uid: "u-1", allowed: true });
  });

  it("refuses an error by its field, with a hint", async () => {
    const { allowed, status } = await webhooks.ask("/validate", route({ ...good, htpp: [] }));
    expect(allowed).toBe(false);
    expect(status?.message).toContain('error HED101 spec.htpp: unknown field (did you mean "http"?)');
  });

  it("shows as warnings what only shows beside other objects", async () => {
    webhooks.findings.push({ code: "IST0101", level: "error", message: "no such host" });
    expect(await webhooks.ask("/validate", route(good))).toMatchObject({
      allowed: true,
      warnings: ["error IST0101: no such host"],
    });
  });

  const settingsMap = (data: object, name = "heddle") => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "heddle-system" },
    data,
  });

  it("judges the ConfigMap of the mesh's settings, each text by its own rules, and warns of what has no effect", async () => {
    expect(
      await webhooks.ask("/validate", settingsMap({ mesh: "trustDomain: a", injection: "logLevel: info" })),
    ).toEqual({
      uid: "u-1",
      allowed: true,
    });
    const { allowed, status } = await webhooks.ask(
      "/validate",
      settingsMap({ mesh: "outboundTrafficPolicy: { mode: DENY }", injection: "proxyImage: a b" }),
    );
    expect(allowed).toBe(false);
    expect(status?.message.split("\n")).toEqual([
      "refused by Heddle:",
      expect.stringMatching(/^error HED112 data\.mesh\.outboundTrafficPolicy\.mode: .*DENY/) as unknown,
      "error HED501 data.injection.proxyImage: not the name of an image",
    ]);
    const { status: broken } = await webhooks.ask("/validate", settingsMap({ mesh: "a: [" }));
    expect(broken?.message).toMatch(/^refused by Heddle:\nerror HED102 data\.mesh: /);
    const { status: empty } = await webhooks.ask("/validate", settingsMap({ meshes: "" }));
    expect(empty?.message).toContain("error HED401 data.mesh: has no text");
    const { allowed: taken, warnings } = await webhooks.ask(
      "/validate",
      settingsMap({ mesh: "proxyListenPort: 15001" }),
    );
    expect({ taken, warnings }).toEqual({
      taken: true,
      warnings: [expect.stringContaining("warning HED119 data.mesh.proxyListenPort") as unknown],
    });
  });

  it("has nothing to say of other ConfigMaps, and lets one that was bad before be labelled", async () => {
    const bad = { mesh: "a: [", injection: "a: [" };
    expect(await webhooks.ask("/validate", settingsMap(bad, "heddle-live"))).toEqual({ uid: "u-1", allowed: true });
    expect(await webhooks.ask("/validate", settingsMap(bad, "istio"))).toEqual({ uid: "u-1", allowed: true });
    const update = { operation: "UPDATE", oldObject: settingsMap(bad) };
    expect((await webhooks.ask("/validate", settingsMap(bad), update)).allowed).toBe(true);
    expect((await webhooks.ask("/validate", settingsMap({ mesh: "a: {" }), update)).allowed).toBe(false);
  });

  it("does not stand in the way of deletion, nor of labels, of what was bad before", async () => {
    const bad = route({ hosts: 1 });
    const { allowed, warnings } = await webhooks.ask("/validate", bad, { operation: "UPDATE", oldObject: bad });
    expect({ allowed, told: (warnings ?? []).length > 0 }).toEqual({ allowed: true, told: true });
    const leaving = { ...bad, metadata: { ...bad.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } };
    expect((await webhooks.ask("/validate", leaving)).allowed).toBe(true);
    expect((await webhooks.ask("/validate", bad, { operation: "UPDATE", oldObject: route(good) })).allowed).toBe(false);
  });
});
