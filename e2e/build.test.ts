import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attempt, run } from "../src/app/up/index.ts";
import { documents } from "./echo-services.ts";
import { projectRoot } from "./harness/index.ts";

/** A patch of a type that only the registry of all types knows. */
const envoyFilter = `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: patient, namespace: default }
spec:
  configPatches:
    - applyTo: CLUSTER
      match: { context: SIDECAR_OUTBOUND }
      patch: { operation: MERGE, value: { connect_timeout: 3s, no_such_field: 1 } }
`;

let folder: string;
const heddle = (...words: string[]) =>
  attempt([join(projectRoot(), "node_modules/.bin/node"), join(folder, "program/src/main.js"), ...words]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-build-"));
  await run([join(projectRoot(), "scripts/build.sh")], "", 120_000);
  await cp(join(projectRoot(), "dist"), join(folder, "program"), { recursive: true }); // far from any package
  await writeFile(join(folder, "filter.yaml"), documents(envoyFilter));
}, 180_000);

afterAll(() => rm(folder, { recursive: true }));

it("compiles to a program that needs no packages beside it", async () => {
  expect(await readdir(join(folder, "program"))).not.toContain("node_modules");
  const help = await heddle("--help");
  expect(help).toMatchObject({ status: 0, err: "" });
  expect(help.out).toContain("Usage: heddle");
});

it("knows Envoy's types, which it reads when an EnvoyFilter comes", async () => {
  const { out, err } = await heddle("check", "-f", join(folder, "filter.yaml"));
  expect(out + err).toContain("no_such_field");
  expect(out + err).not.toContain("Cannot find");
});
