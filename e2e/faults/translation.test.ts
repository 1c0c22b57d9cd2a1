import { openAuthority } from "../../src/ca/index.ts";
import { describeProxy, resolveClaim } from "../../src/app/describe.ts";
import { createLog, systemClock } from "../../src/lib/index.ts";
import { buildSnapshot } from "../../src/mesh/index.ts";
import { parseDocuments } from "../../src/model/index.ts";
import { createSecretSource, createXdsServer } from "../../src/xds/index.ts";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { documents } from "../echo-services.ts";
import { itSurvives } from "../harness/figures.ts";
import { waitFor } from "../harness/index.ts";
import { service, shop } from "./shop.ts";
import { ScriptedSidecar } from "./sidecar.ts";

const proxies = 20;

itSurvives("F09", `the configuration of one of ${proxies} proxies cannot be made`, async () => {
  const dir = await mkdtemp(join(tmpdir(), "heddle-fault-"));
  const log = createLog("silent");
  const authority = await openAuthority({ dir, trustDomain: "cluster.local", clock: systemClock, log });
  const { certificateChain: certificate, privateKey } = await authority.issueServer(["heddle.heddle-system.svc"], []);
  let broken = "";
  let failures = 0;
  const none = (): void => undefined;
  const server = createXdsServer({
    ...{ host: "127.0.0.1", port: 0, tls: { certificate, privateKey }, authenticator: authority.tokens },
    ...{ secrets: createSecretSource(authority, systemClock), resolve: resolveClaim, clock: systemClock, log },
    describe: (snapshot, proxy, style) => {
      if (proxy.name === broken) throw new Error("what nobody thought of");
      return describeProxy(snapshot, proxy, style);
    },
    metrics: {
      ...{ connected: none, pushed: none, nacked: none, refused: none, stalled: none },
      failed: () => (failures += 1),
    },
  });
  const snapshotOf = (yaml: string) => buildSnapshot(parseDocuments(yaml, "shop.yaml").objects).snapshot;
  const { port } = await server.start();
  server.publish(snapshotOf(documents(shop(5), service(9, "before"))), "1");
  const made = await authority.tokens.createToken({ namespace: "shop", serviceAccount: "app", ttlMs: 60_000 });
  if ("refused" in made) throw new Error(made.refused);
  const sidecars = Array.from({ length: proxies }, (_, n) => {
    const sidecar = new ScriptedSidecar({ name: `app-${n}`, namespace: "shop" });
    sidecar.connect({ port, roots: authority.bundle(), token: made.token });
    return sidecar;
  });
  const [unlucky, ...others] = sidecars;
  const all = (mark: string, some: readonly ScriptedSidecar[]) =>
    waitFor(`${some.length} to hold ${mark}`, () => some.every((sidecar) => sidecar.holds("vhds", mark)));
  await all("before", sidecars);
  broken = "app-0";
  server.publish(snapshotOf(documents(shop(5), service(9, "meanwhile"))), "2");
  await all("meanwhile", others);
  const pushed = others.filter((sidecar) => sidecar.holds("vhds", "meanwhile")).length;
  const kept = unlucky?.holds("vhds", "before") === true && unlucky.end === undefined;
  const warned = server.status().find(({ id }) => id === "app-0.shop")?.warnings.length ?? 0;
  const counted = failures;
  broken = "";
  server.publish(snapshotOf(documents(shop(5), service(9, "after"))), "3");
  await all("after", sidecars);
  for (const sidecar of sidecars) sidecar.close();
  await server.stop({ graceMs: 500 });
  await rm(dir, { recursive: true });
  return {
    figure: `${pushed} of ${others.length} others pushed, its last configuration ${kept ? "kept" : "lost"}, ${counted} counted, ${warned} warning in the status, served again by the next edit`,
    limit: "all, kept, >= 1, >= 1",
    pass: pushed === others.length && kept && counted >= 1 && warned >= 1,
  };
});
