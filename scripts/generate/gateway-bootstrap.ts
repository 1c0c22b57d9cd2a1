/** Writes the files that the gateways of manifests/gateway start with: the same as a sidecar's, as the injector makes them. */
import { writeFile } from "node:fs/promises";
import { bootstrapOf } from "../../src/node/bootstrap.ts";
import { buildRootSecret, buildTokenSecret, defaultInjectionSettings } from "../../src/node/index.ts";
import { paths } from "../../src/node/injection/names.ts";

const { controlPlane } = defaultInjectionSettings;
const files = {
  caFile: paths.root,
  rootSecretFile: paths.rootSecret,
  tokenFile: paths.token,
  tokenSecretFile: paths.tokenSecret,
};
// Name, addresses and account are in Envoy's arguments: only the kubelet knows them.
const bootstrap = bootstrapOf({ node: { metadata: {} }, controlPlane, files, ipv6: false, listeners: [] });

for (const [name, content] of [
  ["bootstrap", bootstrap],
  ["token-secret", buildTokenSecret(paths.token)],
  ["root-secret", buildRootSecret(paths.root)],
] as const)
  await writeFile(`manifests/gateway/${name}.json`, `${JSON.stringify(content, null, 2)}\n`);
