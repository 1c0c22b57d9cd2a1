import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildResources } from "../src/envoy/index.ts";
import { parseCase } from "../src/envoy/golden-case.ts";
import { credentialsOf, openTestAuthority } from "./harness/credentials.ts";
import { envoyBinary } from "./harness/envoy-binary.ts";
import { writeStaticBootstrap, type Credentials } from "./harness/static-bootstrap.ts";

const root = join(process.cwd(), "src", "envoy", "testdata");
const folder = mkdtempSync(join(tmpdir(), "heddle-golden-"));
let credentials: Credentials;

beforeAll(async () => {
  credentials = await credentialsOf(await openTestAuthority(join(folder, "ca")), "client");
});

afterAll(() => rmSync(folder, { recursive: true }));

/** What Envoy says against a bootstrap; nothing: it takes it. */
function objections(bootstrap: string): string {
  const { status, stderr, error } = spawnSync(
    envoyBinary,
    ["--mode", "validate", "--disable-hot-restart", "--log-level", "error", "-c", bootstrap],
    { encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] }, // Envoy cannot open a /dev/stdout that is a socket
  );
  if (error) throw error;
  return status === 0 ? "" : stderr;
}

function bootstrapOf(input: string): string {
  const { view } = parseCase(readFileSync(join(root, input), "utf8"));
  return writeStaticBootstrap(join(folder, input), buildResources(view, { vhds: false }), credentials);
}

it.each(globSync("**/in.yaml", { cwd: root }).sort())("a stock Envoy takes %s", (input) => {
  expect(objections(bootstrapOf(input))).toBe("");
});

it("a stock Envoy refuses what is wrong inside a route, so that its silence above means something", () => {
  const bootstrap = bootstrapOf("outbound/http/in.yaml");
  const broken = readFileSync(bootstrap, "utf8").replace('"cart.shop"', '"stock.shop"');
  writeFileSync(bootstrap, broken);
  expect(objections(bootstrap)).toContain("Only unique values for domains are permitted");
});
