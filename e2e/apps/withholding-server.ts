import { readFile } from "node:fs/promises";
import { describeProxy, resolveClaim } from "../../src/app/describe.ts";
import { openAuthority } from "../../src/ca/index.ts";
import { createLog, systemClock } from "../../src/lib/index.ts";
import { buildSnapshot } from "../../src/mesh/index.ts";
import { parseDocuments } from "../../src/model/index.ts";
import { createSecretSource, createXdsServer } from "../../src/xds/index.ts";

/**
 * The xDS server of the control plane, in front of a mesh whose route configuration `PORT` has no virtual hosts until SIGUSR2:
 * nothing that a user writes can do that, as there is always a host for strangers.
 * Arguments: CA directory, YAML file, port to listen on, PORT. Prints "up" when it serves.
 */
const [dir = "", file = "", port = "", routes = ""] = process.argv.slice(2);
const log = createLog("silent");
const authority = await openAuthority({ dir, trustDomain: "cluster.local", clock: systemClock, log });
const { certificateChain: certificate, privateKey } = await authority.issueServer(["heddle.heddle-system.svc"], []);
let isWithheld = true;
const server = createXdsServer({
  ...{ host: "127.0.0.1", port: Number(port), tls: { certificate, privateKey }, authenticator: authority.tokens },
  ...{ secrets: createSecretSource(authority, systemClock), resolve: resolveClaim, clock: systemClock, log },
  describe: (snapshot, proxy, style) => {
    const { shared, own } = describeProxy(snapshot, proxy, style);
    const vhds = new Map([...shared.vhds].filter(([name]) => !isWithheld || !name.startsWith(`${routes}/`)));
    return { shared: { ...shared, vhds }, own };
  },
});
const { snapshot } = buildSnapshot(parseDocuments(await readFile(file, "utf8"), file).objects);
await server.start();
server.publish(snapshot, "1");
process.on("SIGUSR2", () => {
  isWithheld = false;
  server.publish(snapshot, "2");
});
console.log("up");
