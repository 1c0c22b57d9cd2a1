import { clientPod, documents, echoService } from "./echo-services.ts";
import { itSurvives } from "./harness/figures.ts";
import { startMesh, waitFor, type TestMesh } from "./harness/index.ts";

const reviews = "http://reviews:8080/";
const ratings = "http://ratings:8080/";

/** The reviews go to one version; `path` is an expression that Envoy's RE2 compiles. */
const toVersion = (version: string, path: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: default }
spec:
  hosts: [reviews]
  http:
    - match: [{ uri: { regex: '${path}' } }]
      route: [{ destination: { host: reviews, subset: ${version} } }]
    - route: [{ destination: { host: reviews, subset: ${version} } }]
`;

const marked = (mark: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ratings, namespace: default }
spec:
  hosts: [ratings]
  http:
    - headers: { response: { set: { x-mark: "${mark}" } } }
      route: [{ destination: { host: ratings } }]
`;

const subsets = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: default }
spec:
  host: reviews
  subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }]
`;

/** No script of this name: only Envoy has Unicode's tables. */
const refused = "/\\p{Foo}";

let mesh: TestMesh;

beforeAll(async () => {
  const services = [clientPod("web"), echoService("reviews", ["v1", "v2"]), echoService("ratings")];
  mesh = await startMesh({ yaml: documents(...services, subsets) });
  await mesh.applyPolicy(toVersion("v1", "/all"));
  await waitFor("the apps to answer", async () => {
    const answers = await Promise.all([reviews, ratings].map((url) => mesh.request("web", url)));
    return answers.every(({ ok }) => ok === 1);
  });
});

afterAll(() => mesh.close());

/** How often the caller's Envoy has refused anything. */
async function rejections(): Promise<number> {
  const stats = await mesh.envoyStats("web", "update_rejected$");
  return Object.values(stats).reduce((sum, value) => sum + value, 0);
}

async function apply(yaml: string) {
  return mesh.heddle(["apply", "--wait", "--timeout", "20s", "-f", "-"], yaml);
}

async function mark(): Promise<string | undefined> {
  const { answers } = await mesh.request("web", ratings);
  return answers[0]?.headers["x-mark"];
}

const calls = { count: 20, concurrency: 4 };

it("says who refused what, in whose words, and on which line of the policy it stands", async () => {
  const { status, out } = await apply(documents(toVersion("v2", refused), marked("first")));
  expect(status).toBe(1);
  expect(out).toMatch(/^web\.default refused (vhds|rds) 8080\/reviews\.default\.svc\.cluster\.local: .*/m);
  expect(out).toContain("invalid character class range");
  expect(out).toMatch(
    /from VirtualService default\/reviews spec\.http\[0\] \(\S*\/virtualservice-default-reviews\.yaml:7\)/,
  );
  expect(out).toMatch(/live in \d of 4 Envoys/);
});

it("leaves what was there before in force", async () => {
  expect((await mesh.request("web", reviews, calls)).byVersion).toEqual({ v1: 20 });
});

it("delivers all that came with it", async () => {
  expect(await mark()).toBe("first");
});

it("shows it until it is mended", async () => {
  const { status, out } = await mesh.heddle(["status"]);
  expect(status).toBe(1);
  expect(out).toMatch(/^web\.default +rejected /m);
  expect(out).toContain("virtualservice-default-reviews.yaml:7");
  const json = JSON.parse((await mesh.heddle(["status", "-o", "json"])).out) as Status;
  const nacks = json.proxies.find(({ name }) => name === "web.default")?.nacks ?? [];
  expect(nacks).toEqual([expect.objectContaining({ resources: ["8080/reviews.default.svc.cluster.local"] })]);
});

interface Status {
  readonly proxies: readonly { readonly name: string; readonly nacks: readonly object[] }[];
}

itSurvives("F13", "a refused virtual host is not sent again, whatever else is", async () => {
  const before = await rejections();
  for (const next of ["second", "third", "fourth"]) {
    const { out } = await apply(marked(next));
    expect(out).toMatch(/\d+ ms/);
    expect(await mark()).toBe(next);
  }
  const again = (await rejections()) - before;
  const figure = `refused ${again} times more while 3 other edits went live`;
  return { failed: again, figure, limit: "0", pass: again === 0 };
});

it("is told apart from a good policy that comes later: that one is live, and the command says so", async () => {
  const { status, out } = await apply(marked("fifth"));
  expect(out).toContain("live in 4 of 4 Envoys");
  expect(status).toBe(0);
});

it("is told again to whoever applies it again", async () => {
  const { status, out } = await apply(toVersion("v2", refused));
  expect(status).toBe(1);
  expect(out).toMatch(/^web\.default refused .* invalid character class range/m);
  expect(out).toContain("live in 0 of 4 Envoys");
});

itSurvives("F14", "a refused virtual host is delivered and acknowledged once it is mended", async () => {
  const before = await rejections();
  const { status, out } = await apply(toVersion("v2", "/a{1000}"));
  expect(status).toBe(0);
  expect((await mesh.request("web", reviews, calls)).byVersion).toEqual({ v2: 20 });
  expect((await mesh.heddle(["status"])).status).toBe(0);
  expect(await rejections()).toBe(before);
  const ms = Number(/(\d+) ms/.exec(out)?.[1]);
  return { figure: `live in every Envoy ${ms} ms after it was published`, limit: "1000 ms", pass: ms < 1_000 };
});

describe("a cluster that Envoy refuses", () => {
  const tls = (file: string) => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ratings, namespace: default }
spec:
  host: ratings
  trafficPolicy:
    tls: { mode: SIMPLE, caCertificates: ${file} }
`;

  it("is named, and traffic goes on as before", async () => {
    const { status, out } = await apply(documents(tls("/nowhere/ca.pem"), toVersion("v1", "/all")));
    expect(status).toBe(1);
    expect(out).toMatch(/web\.default refused cds outbound\|8080\|\|ratings\.default\.svc\.cluster\.local: .*/);
    expect(out).toMatch(/from DestinationRule default\/ratings .*destinationrule-default-ratings\.yaml:\d+/);
    expect((await mesh.request("web", ratings, calls)).ok).toBe(20);
    expect((await mesh.request("web", reviews, calls)).byVersion).toEqual({ v1: 20 });
  });

  it("is the same after the control plane has come back, and refused once more at the most", async () => {
    const before = await rejections();
    await mesh.restartControlPlane();
    await waitFor("the refusal to be told again", async () => {
      return (await mesh.heddle(["status"])).out.includes("refused cds outbound|8080||ratings.default");
    });
    expect(await rejections()).toBeLessThanOrEqual(before + 1);
    expect((await mesh.request("web", ratings, calls)).ok).toBe(20);
  });

  it("is live once it is mended", async () => {
    await mesh.removePolicy("destinationrule-default-ratings.yaml");
    await waitFor("nobody to refuse anything", async () => (await mesh.heddle(["status"])).status === 0);
    expect((await mesh.request("web", ratings, calls)).ok).toBe(20);
  });
});
