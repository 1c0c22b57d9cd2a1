import { echoPod, echoService, meshForSuite, policy, type Answer } from "./harness/index.ts";

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    echoPod({ name: "server" }),
    echoService({ name: "server", ports: { http: [80, 8080], "http-more": [81, 8080] } }),
    echoService({ name: "other", app: "server" }),
    echoPod({ name: "server", namespace: "far", version: "far" }),
    echoService({ name: "server", namespace: "far" }),
    echoService({ name: "also", app: "server", namespace: "far" }),
  ].join(""),
});

const virtualService = (name: string, spec: object, namespace = "default"): string =>
  policy("VirtualService", name, spec, namespace);
/** A rule that answers with a word. */
const saying = (word: string, more: object = {}): object => ({
  directResponse: { status: 200, body: { string: word } },
  ...more,
});
const on = (prefix: string): object => ({ match: [{ uri: { prefix } }] });
const to = (host: string): object => ({ route: [{ destination: { host } }] });

let keys = 0;
async function ask(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  const { answers } = await mesh().request("client", url, { headers });
  return answers[0] ?? { status: 0, ms: 0, headers: {} };
}
const word = async (url: string, headers?: Record<string, string>): Promise<string | undefined> => {
  const { text, body } = await ask(url, headers);
  return text ?? body?.version;
};
/** The codes of what `heddle check` says of all policy that there is, and whom it blames. */
async function findings(): Promise<readonly string[]> {
  const { out } = await mesh().heddle(["check", "-f", mesh().policyDirectory, "--output", "json"]);
  const problems = JSON.parse(out) as { readonly code: string; readonly object: { readonly name: string } }[];
  return problems.map(({ code, object }) => `${code} ${object.name}`);
}

describe("several VirtualServices for one host", () => {
  it("the first of them counts, nothing is merged, and the others are told", async () => {
    await mesh().replacePolicy(
      virtualService("b-second", {
        hosts: ["server"],
        http: [{ ...on("/two"), ...saying("second") }, saying("second")],
      }) +
        virtualService("a-first", { hosts: ["server"], http: [{ ...on("/one"), ...saying("first") }, to("server")] }),
    );
    expect([await word("http://server/one"), await word("http://server/two")]).toEqual(["first", "v1"]);
    expect((await findings()).filter((one) => one.startsWith("IST0109"))).toEqual(["IST0109 b-second"]);
  });

  it("one that says nothing of a port leaves it to the next", async () => {
    await mesh().replacePolicy(
      virtualService("a-first", { hosts: ["server"], http: [{ match: [{ port: 80 }], ...saying("first") }] }) +
        virtualService("b-second", { hosts: ["server"], http: [saying("second")] }),
    );
    expect([await word("http://server/"), await word("http://server:81/")]).toEqual(["first", "second"]);
  });

  it("one's own, then what is exported by name, then what is for all", async () => {
    const of = (name: string, exportTo: string, namespace: string): string =>
      virtualService(
        name,
        { hosts: ["server.default.svc.cluster.local"], exportTo: [exportTo], http: [saying(name)] },
        namespace,
      );
    const [all, named, own] = [of("a-all", "*", "far"), of("b-named", "default", "far"), of("c-own", ".", "default")];
    await mesh().replacePolicy(all + named + own);
    expect(await word("http://server/")).toBe("c-own");
    await mesh().replacePolicy(all + named);
    expect(await word("http://server/")).toBe("b-named");
    await mesh().replacePolicy(all);
    expect(await word("http://server/")).toBe("a-all");
  });
});

describe("hosts", () => {
  it("an exact host goes before a wildcard, a longer wildcard before a shorter one", async () => {
    await mesh().replacePolicy(
      virtualService("a-wide", { hosts: ["*.svc.cluster.local"], http: [saying("wide")] }) +
        virtualService("b-narrow", { hosts: ["*.far.svc.cluster.local"], http: [saying("narrow")] }) +
        virtualService("c-exact", { hosts: ["also.far.svc.cluster.local"], http: [saying("exact")] }),
    );
    expect(await word("http://server/")).toBe("wide");
    expect(await word("http://server.far/")).toBe("narrow");
    expect(await word("http://also.far/")).toBe("exact");
  });

  it("that are no services get routes on port 80, a wildcard too", async () => {
    await mesh().replacePolicy(
      virtualService("strangers", { hosts: ["shop.example", "*.shop.example"], http: [saying("stranger")] }),
    );
    for (const host of ["shop.example", "a.b.shop.example", "SHOP.example:80"])
      expect(await word("http://server/", { host })).toBe("stranger");
    expect(await word("http://server/")).toBe("v1");
  });

  it("short names are of the rule's namespace: its hosts and its destinations", async () => {
    await mesh().replacePolicy(virtualService("short", { hosts: ["also"], http: [to("server")] }, "far"));
    expect(await word("http://also.far/")).toBe("far");
    await mesh().replacePolicy(
      virtualService("short", { hosts: ["also.far.svc.cluster.local"], http: [to("server")] }),
    );
    expect(await word("http://also.far/")).toBe("v1");
  });
});

describe("delegation", () => {
  const root = (http: object[]): string => virtualService("root", { hosts: ["server"], http });
  const delegate = { name: "team", namespace: "far" };
  const team = (http: object[], more: object = {}): string => virtualService("team", { http, ...more }, "far");
  const rest = to("server");

  it("what both say is put together: the delegate's word goes first, the root fills the gaps", async () => {
    const header = (value: string): object => ({ response: { set: { "x-said-by": value } } });
    const key = `delegated-${++keys}`;
    await mesh().replacePolicy(
      root([
        {
          ...on("/team"),
          delegate,
          headers: header("root"),
          retries: { attempts: 2, retryOn: "5xx" },
          rewrite: { uri: "/rewritten" },
        },
        rest,
      ]) + team([{ ...on("/team/own"), headers: header("team"), ...to("server") }, to("server")]),
    );
    const own = await ask("http://server/team/own/x", { "x-fail": "2", "x-request-key": key });
    expect(own).toMatchObject({ status: 200, headers: { "x-said-by": "team" }, body: { version: "far", attempt: 3 } });
    expect(own.body?.path).toBe("/rewritten/x"); // the prefix that the delegate asks for is what is replaced
    const inherited = await ask("http://server/team/else");
    expect(inherited).toMatchObject({ headers: { "x-said-by": "root" }, body: { path: "/rewritten/else" } });
    expect((await ask("http://server/none")).body).toMatchObject({ version: "v1", path: "/none" });
  });

  it("a delegate's match that reaches beyond the root's is not used", async () => {
    await mesh().replacePolicy(
      root([{ ...on("/team"), delegate }, rest]) +
        team([
          { ...on("/"), ...saying("beyond") },
          { ...on("/team/in"), ...saying("within") },
        ]),
    );
    expect([await word("http://server/team/in"), await word("http://server/team/out")]).toEqual(["within", "v1"]);
    expect((await findings()).filter((one) => one.startsWith("IST0130"))).toEqual(["IST0130 team"]);
  });

  it("matches on headers, methods and parameters add up", async () => {
    const both = { uri: { prefix: "/team" }, method: { exact: "GET" } };
    await mesh().replacePolicy(
      root([{ match: [{ ...both, headers: { "x-a": { exact: "1" } } }], delegate }, rest]) +
        team([
          { match: [{ headers: { "x-b": { exact: "2" } }, queryParams: { q: { exact: "3" } } }], ...saying("all") },
        ]),
    );
    expect(await word("http://server/team?q=3", { "x-a": "1", "x-b": "2" })).toBe("all");
    expect(await word("http://server/team?q=3", { "x-b": "2" })).toBe("v1");
    expect(await word("http://server/team?q=3", { "x-a": "1" })).toBe("v1");
    expect(await word("http://server/team", { "x-a": "1", "x-b": "2" })).toBe("v1");
  });

  it.each([
    ["is not there", ""],
    ["is for its own namespace only", team([saying("team")], { exportTo: ["."] })],
    ["has hosts of its own", virtualService("team", { hosts: ["nobody.example"], http: [saying("team")] }, "far")],
  ])("a delegate that %s leaves its requests to the next rule", async (_, yaml) => {
    await mesh().replacePolicy(root([{ ...on("/team"), delegate }, rest]) + yaml);
    expect(await word("http://server/team/x")).toBe("v1");
    expect(await findings()).toContain("IST0101 root");
  });

  it("in the namespace of the root, where none is said", async () => {
    await mesh().replacePolicy(
      root([{ ...on("/team"), delegate: { name: "near" } }, rest]) + virtualService("near", { http: [saying("near")] }),
    );
    expect(await word("http://server/team/x")).toBe("near");
  });
});
