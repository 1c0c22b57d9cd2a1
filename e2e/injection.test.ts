import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import {
  defaultInjectionSettings,
  injectPod,
  parsePod,
  templatePath,
  valueAt,
  type Fields,
} from "../src/node/index.ts";
import { envoyBinary } from "./harness/envoy-binary.ts";
import { projectRoot } from "./harness/index.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-injection-"));

afterAll(() => rmSync(folder, { recursive: true }));

/** What the kubelet would make of the injected pod: files of the annotations, and Envoy's arguments with variables filled in. */
function writePod(): string[] {
  const text = readFileSync(join(projectRoot(), "src/node/testdata/injection/probes/in.yaml"), "utf8");
  const object = parseAllDocuments(text)[1]?.toJS() as Fields;
  const { value: pod } = parsePod(valueAt(object, templatePath(object) ?? []));
  const controlPlane = { ...defaultInjectionSettings.controlPlane, address: "127.0.0.1" };
  const injected = pod && injectPod(pod, { ...defaultInjectionSettings, controlPlane }).value;
  const proxy = injected?.spec.initContainers.find(({ name }) => name === "istio-proxy");
  const variables = {
    POD_NAME: "p",
    POD_NAMESPACE: "shop",
    POD_IP: "127.0.0.1",
    POD_IPS: "127.0.0.1",
    SERVICE_ACCOUNT: "default",
  };
  const mounted = (said: string): string =>
    Object.entries({
      "/etc/heddle/envoy": "envoy",
      "/var/run/secrets/tokens": "token",
      "/var/run/secrets/heddle": "roots",
    }).reduce((all, [path, name]) => all.replaceAll(path, join(folder, name)), said);
  for (const name of ["envoy", "token", "roots", "mesh", "www"]) mkdirSync(join(folder, name));
  for (const name of ["bootstrap", "token-secret", "root-secret"])
    writeFileSync(
      join(folder, "envoy", `${name}.json`),
      mounted(injected?.metadata.annotations[`heddle.io/${name}`] ?? ""),
    );
  const filledIn = (said: string) =>
    Object.entries(variables).reduce((all, [name, value]) => all.replaceAll(`$(${name})`, value), said);
  return (proxy?.["args"] as string[]).map((said) => filledIn(mounted(said)));
}

const script = `
ip link set lo up
"$ROOT/bin/heddle" serve -f mesh --state-dir state --log-level warn 2>serve.log & server=$!
until [ -s state/admin.json ]; do sleep 0.2; done
"$ROOT/bin/heddle" ca bundle --state-dir state >roots/root-cert.pem
"$ROOT/bin/heddle" token create -n shop -s default --state-dir state >token/heddle-token
"$@" >envoy.log 2>&1 & envoy=$!
get() { curl -s -m 3 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$1"; }
until [ "$(get 15021/healthz/ready)" = 200 ]; do kill -0 $envoy || exit 1; sleep 0.2; done
all() { echo "$1 $(get '15020/app-health/web/livez?full=1') $(get 15020/app-health/web/readyz) $(get 15020/app-health/rpc/livez) $(get 15020/)"; }
all before
touch www/live
(cd www && exec python3 -m http.server 8080 >../app.log 2>&1) & app=$!
python3 -m http.server 9000 >/dev/null 2>&1 & port=$!
until [ "$(get 15020/app-health/web/readyz)$(get 15020/app-health/web/livez)" = 200200 ]; do sleep 0.2; done
all with
kill $port
while [ "$(get 15020/app-health/web/readyz)" = 200 ]; do sleep 0.2; done
all without
grep -o '127.0.0.6.*full=1' app.log | sed 's/ .*"GET/ GET/' | head -1
kill $envoy $app $server; wait
`;

it("an injected Envoy gets its configuration, and answers the kubelet for the app", () => {
  const args = writePod();
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "shop" }, spec: { containers: [] } };
  writeFileSync(join(folder, "mesh/pod.yaml"), JSON.stringify({ ...pod, status: { podIP: "127.0.0.1" } }));
  const out = execFileSync("unshare", ["--net", "bash", "-c", script, "bash", envoyBinary, ...args], {
    cwd: folder,
    env: { ...process.env, ROOT: projectRoot() },
    encoding: "utf8",
    timeout: 90_000,
  });
  // HTTP, TCP, gRPC, and a path that is no probe
  expect(out.trim().split("\n")).toEqual([
    "before 503 503 503 404",
    "with 200 200 503 404",
    "without 200 503 503 404",
    "127.0.0.6 GET /live?full=1",
  ]);
}, 100_000);
