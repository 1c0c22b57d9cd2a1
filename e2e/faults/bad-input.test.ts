import { itSurvives } from "../harness/figures.ts";
import { waitFor } from "../harness/index.ts";
import { dialAs } from "./fleet.ts";
import { LoneServer } from "./lone-server.ts";
import { service, shop } from "./shop.ts";
import { ScriptedSidecar } from "./sidecar.ts";

let server: LoneServer;
let sidecar: ScriptedSidecar;

beforeAll(async () => {
  server = await LoneServer.start({ files: { "shop.yaml": shop(10), "hot.yaml": service(50, "good") } });
  sidecar = new ScriptedSidecar({ name: "app-1", namespace: "shop" });
  sidecar.connect(await dialAs(server, "app"));
  await waitFor("the sidecar to be served", () => sidecar.isComplete && sidecar.holds("vhds", "good"));
});

afterAll(async () => {
  sidecar.close();
  await server.close();
});

interface Bomb {
  readonly name: string;
  readonly text: string | Buffer;
}

let round = 0;

/** Puts each into the folder of a running server. What comes of it, and whether the next good edit still arrives. */
async function throwIn(bombs: readonly Bomb[]) {
  const { pid } = server.process;
  const before = [...sidecar.held.cds.keys()];
  const from = sidecar.received.length;
  const unread: string[] = [];
  let slowest = 0;
  for (const { name, text } of bombs) {
    await server.loopDelayMs();
    await server.write("bomb.yaml", text);
    await waitFor(
      `a problem with ${name}`,
      async () => (await server.admin("/api/v1/problems")).includes("bomb.yaml"),
      { timeoutMs: 10_000 },
    ).catch(() => unread.push(name));
    slowest = Math.max(slowest, await server.loopDelayMs());
    await server.remove("bomb.yaml");
    await waitFor("it to be forgotten", async () => !(await server.admin("/api/v1/problems")).includes("bomb.yaml"));
  }
  round += 1;
  await server.write("hot.yaml", service(50, `round-${round}`));
  await waitFor("the next edit to be served", () => sidecar.holds("vhds", `round-${round}`));
  const removed = sidecar.received.slice(from).flatMap(({ type, removed }) => (type === "cds" ? removed : []));
  const lost = before.filter((name) => !sidecar.held.cds.has(name) || removed.includes(name));
  const alive = server.process.pid === pid && sidecar.end === undefined;
  return { unread, slowest, alive, deletions: lost.length };
}

const good = service(60);

/** Times of one refusal are told, not bounded: this machine may be busy. */
async function survives(bombs: readonly Bomb[]) {
  const { unread, slowest, alive, deletions } = await throwIn(bombs);
  return {
    ...{ requests: bombs.length, failed: unread.length },
    figure: `${bombs.length - unread.length} of ${bombs.length} refused${unread.map((name) => `; not: ${name}`).join("")}, process ${alive ? "alive" : "DEAD"}, ${deletions} clusters deleted, loop p99 ${slowest.toFixed(0)} ms`,
    limit: "all, alive, 0",
    pass: unread.length === 0 && alive && deletions === 0,
  };
}

itSurvives("F26", "nesting and alias bombs in the folder of a running server", () =>
  survives([
    { name: "20 kB of [", text: "[".repeat(20_000) },
    { name: "200 kB of [", text: "[".repeat(200_000) },
    { name: "maps in lists", text: "[{a: ".repeat(40_000) },
    { name: "block lists", text: "- ".repeat(100_000) },
    { name: "a good object before it", text: `${good}---\na: ${"[".repeat(200_000)}` },
    { name: "2 MiB", text: "a".repeat(2 * 1024 * 1024) },
    {
      name: "aliases",
      text: `a0: &a0 [x, x]\n${Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}*a${i}]`).join("\n")}\n`,
    },
  ]),
);

itSurvives("F28", "keys that reach for prototypes, in the folder of a running server", () =>
  survives(
    ["__proto__", "constructor", "prototype", '"__proto__"'].map((key) => ({
      name: key,
      text: good.replace("name: svc-60, namespace: shop }", `name: svc-60, namespace: shop, labels: { ${key}: "x" } }`),
    })),
  ),
);

const matching = (regex: string): string =>
  good.replace(
    "  http:\n    - headers",
    `  http:
    - match: [{ uri: { regex: "${regex}" } }]
      headers`,
  );

itSurvives("F32", "expressions that would hold a backtracking engine for hours", async () => {
  const bombs = [
    { name: "1 MB", text: matching("(a+)+$".repeat(150_000)) },
    { name: "1,100 characters", text: matching("a".repeat(1_100)) },
    { name: "look-ahead", text: matching("(?=a)b") },
  ];
  const outcome = await survives(bombs);
  await server.loopDelayMs();
  await server.write("hot.yaml", matching("(a+)+$").replaceAll("svc-60", "svc-50").replace("none", "nested"));
  await waitFor("a nested expression to be served as it is", () => sidecar.holds("vhds", "(a+)+$"));
  const delay = await server.loopDelayMs();
  return {
    ...outcome,
    figure: `${outcome.figure}; (a+)+$ passed on to RE2, loop p99 ${delay.toFixed(0)} ms`,
  };
});

/** A good object with one thing in it another. */
const odd = (name: string, from: string, to: string) => {
  if (!good.includes(from)) throw new Error(`nothing to replace for ${name}`);
  return { name, text: good.replace(from, to) };
};

itSurvives("F29", "keys and objects that stand twice, in the folder of a running server", () =>
  survives([
    odd("a key twice", "  resolution: STATIC", "  resolution: STATIC\n  resolution: DNS"),
    { name: "an object twice in a file", text: `${good}---\n${good}` },
    { name: "an object of another file", text: service(1, "twice") },
  ]),
);

itSurvives("F30", "numbers that are none, in the folder of a running server", () =>
  survives(
    ["1e400", "98765432109876543210", "-1", "0", "65536", "80.5", "0x", ".nan", ".inf", "010"]
      .map((number) => odd(`port ${number}`, "number: 80", `number: ${number}`))
      .concat(
        ["-1", "1e3000", "1.5", ".nan"].map((number) => odd(`weight ${number}`, "weight: 90", `weight: ${number}`)),
      )
      .concat(
        ["1e9h", "-1s", "1", "NaN"].map((time) =>
          odd(`timeout ${time}`, "    - headers", `    - timeout: "${time}"\n      headers`),
        ),
      ),
  ),
);

itSurvives("F31", "names that are none, in the folder of a running server", () =>
  survives(
    [`${"a".repeat(65_536)}.com`, "a.*.b", "a\\0b", "a\\nb", "../../etc/passwd", "a b", "a..b", "-", "a/b"].flatMap(
      (host) => [
        odd(`the host ${host.slice(0, 20)}`, "hosts: [svc-60.shop.example]", `hosts: ["${host}"]`),
        odd(`the name ${host.slice(0, 20)}`, "name: svc-60, namespace: shop", `name: "${host}", namespace: shop`),
      ],
    ),
  ),
);

const rule = (name: string, spec: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: shop }
spec: ${spec}
`;

itSurvives("F34", "references to nothing, in the folder of a running server: all else is served", async () => {
  const outcome = await survives([
    odd("a subset that is not there", "subset: v2", "subset: v9"),
    odd(
      "a host that is not there",
      "destination: { host: svc-60.shop.example, subset: v2 }",
      "destination: { host: nobody }",
    ),
    odd("a gateway that is not there", "  http:\n", "  gateways: [nowhere, mesh]\n  http:\n"),
    {
      name: "a delegate that is not there",
      text: rule("root", "{ hosts: [a.example], http: [{ delegate: { name: b } }] }"),
    },
    {
      name: "delegates in a circle",
      text: [
        rule("root", "{ hosts: [a.example], http: [{ delegate: { name: one } }] }"),
        rule("one", "{ http: [{ delegate: { name: two } }] }"),
        rule("two", "{ http: [{ delegate: { name: one } }] }"),
      ].join("---\n"),
    },
    {
      name: "a Secret that is not there",
      text: `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge, namespace: shop }
spec:
  selector: { istio: edge }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: ["*"]
      tls: { mode: SIMPLE, credentialName: nothing }
`,
    },
  ]);
  return { ...outcome, figure: outcome.figure.replace("refused", "told of") };
});

itSurvives("F24", "a file cut off at places all over it, in the folder of a running server", async () => {
  const whole = service(50, "whole");
  const cuts = Array.from({ length: 40 }, (_, n) => Math.floor(((n + 1) * whole.length) / 41));
  const before = new Set(sidecar.held.cds.keys());
  await server.write("hot.yaml", whole);
  await waitFor("the whole file to be served", () => sidecar.holds("vhds", "whole"));
  let lost = 0;
  sidecar.received.length = 0;
  for (const at of cuts) {
    await server.write("hot.yaml", whole.slice(0, at));
    await new Promise((resolve) => setTimeout(resolve, 60)); // long enough to be read, as a rename is taken at once
    if (
      sidecar.received.some(({ type, removed }) => type === "cds" && removed.some((name) => !name.includes("svc-50")))
    )
      lost += 1;
  }
  await server.write("hot.yaml", service(50, "mended"));
  await waitFor("the mended file to be served", () => sidecar.holds("vhds", "mended"));
  const missing = [...before].filter((name) => !sidecar.held.cds.has(name));
  return {
    ...{ requests: cuts.length, failed: lost },
    figure: `${cuts.length} cuts: ${lost} took away what another file holds, ${missing.length} clusters missing after the repair`,
    limit: "0, 0",
    pass: lost === 0 && missing.length === 0,
  };
});
