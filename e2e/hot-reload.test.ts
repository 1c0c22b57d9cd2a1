import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { clientPod, documents, echoService } from "./echo-services.ts";
import { expectNoRejections, startMesh, waitFor, type TestMesh } from "./harness/index.ts";

const url = "http://reviews:8080/";

/** Answers of the reviews carry a mark, so that a version of the policy can be told from another. */
const marked = (mark: string, name = "reviews") => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: default }
spec:
  hosts: [${name}]
  http:
    - headers: { response: { set: { x-mark: "${mark}" } } }
      route: [{ destination: { host: ${name} } }]
`;

let mesh: TestMesh;

beforeAll(async () => {
  mesh = await startMesh({ yaml: documents(clientPod("web"), echoService("reviews"), echoService("ratings")) });
  await waitFor("the apps to answer", async () => {
    return (await mesh.request("web", url)).ok + (await mesh.request("web", "http://ratings:8080/")).ok === 2;
  });
});

afterAll(async () => {
  try {
    await expectNoRejections(mesh);
  } finally {
    await mesh.close();
  }
});

async function mark(address = url): Promise<string | undefined> {
  const { answers } = await mesh.request("web", address);
  return answers[0]?.headers["x-mark"];
}

async function expectMark(expected: string | undefined, address = url): Promise<void> {
  await waitFor(`the mark ${expected}`, async () => (await mark(address)) === expected);
}

const at = (...names: string[]) => join(mesh.policyDirectory, ...names);

it("sees a new file, and one that is written in place", async () => {
  await writeFile(at("reviews.yaml"), marked("new"));
  await expectMark("new");
  await writeFile(at("reviews.yaml"), marked("in-place"));
  await expectMark("in-place");
});

it("sees a file that an editor saves: swap file, old one moved away, new one moved in", async () => {
  await writeFile(at(".reviews.yaml.swp"), "b0VIM");
  await writeFile(at("4913"), "");
  await rm(at("4913"));
  await rename(at("reviews.yaml"), at("reviews.yaml~"));
  await writeFile(at("reviews.yaml"), marked("saved"));
  await rm(at("reviews.yaml~"));
  await rm(at(".reviews.yaml.swp"));
  await expectMark("saved");
});

it("sees a file that another is renamed over", async () => {
  await mesh.writePolicy("reviews.yaml", marked("renamed"));
  await expectMark("renamed");
});

it("sees that a file is gone, and with it the policy", async () => {
  await mesh.removePolicy("reviews.yaml");
  await expectMark(undefined);
});

it("sees a mounted ConfigMap change: the link ..data is turned to another folder", async () => {
  const mount = async (folder: string, mark: string) => {
    await mkdir(at("mounted", folder), { recursive: true });
    await writeFile(at("mounted", folder, "policy.yaml"), marked(mark));
    await symlink(folder, at("mounted", "..data_tmp"));
    await rename(at("mounted", "..data_tmp"), at("mounted", "..data"));
  };
  await mount("..2026_01", "mounted");
  await symlink("..data/policy.yaml", at("mounted", "policy.yaml"));
  await expectMark("mounted");
  await mount("..2026_02", "swapped");
  await rm(at("mounted", "..2026_01"), { recursive: true });
  await expectMark("swapped");
  await rm(at("mounted"), { recursive: true });
  await expectMark(undefined);
});

describe("an edit that is broken", () => {
  const problems = async () => {
    const { status, out } = await mesh.heddle(["status"]);
    return { status, out };
  };

  it("leaves the last valid version in force, and is told with file and line", async () => {
    await writeFile(at("reviews.yaml"), marked("valid"));
    await expectMark("valid");
    await writeFile(at("reviews.yaml"), marked("broken").replace("hosts:", "host:"));
    const { out } = await waitFor("the problem to be told", async () => {
      const seen = await problems();
      return seen.out.includes("reviews.yaml:5") && seen;
    });
    expect(out).toMatch(/reviews\.yaml:5:\d+.*host/);
    expect(await mark()).toBe("valid");
  });

  it("does not hold up other edits", async () => {
    await writeFile(at("ratings.yaml"), marked("other", "ratings"));
    await expectMark("other", "http://ratings:8080/");
    expect(await mark()).toBe("valid");
  });

  it("cut off in the middle changes nothing either", async () => {
    await writeFile(at("reviews.yaml"), marked("cut").slice(0, -30));
    await waitFor("the problem to be told", async () => !(await problems()).out.includes("reviews.yaml:5:"));
    expect((await problems()).out).toContain("reviews.yaml:");
    expect(await mark()).toBe("valid");
  });

  it("is forgotten when it is mended", async () => {
    await writeFile(at("reviews.yaml"), marked("mended"));
    await expectMark("mended");
    expect((await problems()).out).not.toContain("reviews.yaml");
  });
});
