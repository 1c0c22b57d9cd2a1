import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { RequestOptions } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monotonicClock } from "../../lib/index.ts";
import { podAccess } from "./pod-access.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-pod-access-"));
afterAll(() => rmSync(folder, { recursive: true }));

const env = { KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "443" };
const warned: string[] = [];
const log = { warn: (_: unknown, text?: string) => void warned.push(text ?? "") } as Parameters<typeof podAccess>[1];
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

it("is nothing out of a cluster, nor in a pod without a token", () => {
  expect(podAccess(env, log, folder)).toBeUndefined();
  write("token", "first\n");
  write("ca.crt", "root");
  expect(podAccess({}, log, folder)).toBeUndefined();
  expect(podAccess(env, log, folder)?.getCurrentCluster()?.server).toBe("https://10.96.0.1:443");
  const six = podAccess({ ...env, KUBERNETES_SERVICE_HOST: "fd00::1" }, log, folder);
  expect(six?.getCurrentCluster()?.server).toBe("https://[fd00::1]:443");
});

it("shows the token and the roots of the files, read again each minute; what cannot be read again stays", async () => {
  const clock = jest.spyOn(monotonicClock, "now");
  const at = (ms: number): void => void clock.mockReturnValue(ms);
  const access = podAccess(env, log, folder);
  const asked = async (): Promise<unknown> => {
    const options: RequestOptions = { headers: { accept: "text" } };
    await access?.applyToHTTPSOptions(options);
    return { ca: options.ca, ...(options.headers as object) };
  };
  const first = { ca: "root", accept: "text", authorization: "Bearer first" };
  const second = { ca: "roots", accept: "text", authorization: "Bearer second" };
  at(0);
  expect(await asked()).toEqual(first);
  write("token", "second");
  write("ca.crt", "roots");
  at(59_999);
  expect(await asked()).toEqual(first);
  at(60_000);
  expect(await asked()).toEqual(second);
  rmSync(join(folder, "token"));
  at(120_000);
  expect(await asked()).toEqual(second);
  expect(warned).toEqual(["the pod's token cannot be read again: the one we have stays"]);
  clock.mockRestore();
});
