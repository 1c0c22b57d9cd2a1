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

interface KubeletsPod {
  readonly folder: string;
  readonly args: readonly string[]; // Envoy's
  readonly preStop: string; // script
  readonly metadata: Fields;
  readonly account: string;
  readonly address: string;
}

/** What the kubelet would make of the injected pod: files of the annotations, and Envoy's arguments with variables filled in. */
function writePod(name: string, namespace: string, serviceAccount: string, address = "127.0.0.1"): KubeletsPod {
  const text = readFileSync(join(projectRoot(), `src/node/testdata/injection/${name}/in.yaml`), "utf8");
  const object = parseAllDocuments(text)[1]?.toJS() as Fields;
  const { value: pod } = parsePod(valueAt(object, templatePath(object) ?? []));
  const controlPlane = { ...defaultInjectionSettings.controlPlane, address: "127.0.0.1" };
  const settings = { ...defaultInjectionSettings, controlPlane, drainSeconds: 1, ipv6: address.includes(":") };
  const injected = pod && injectPod(pod, settings).value;
  if (!pod || !injected) throw new Error(`${name} is not injected`);
  const own = join(folder, `${name}-${address.replaceAll(":", "-")}`);
  const variables = {
    POD_NAME: "p",
    POD_NAMESPACE: namespace,
    POD_IP: address,
    POD_IPS: address,
    SERVICE_ACCOUNT: serviceAccount,
  };
  const mounted = (said: string): string =>
    Object.entries({
      "/etc/heddle/envoy": "envoy",
      "/var/run/secrets/tokens": "token",
      "/var/run/secrets/heddle": "roots",
    }).reduce((all, [path, place]) => all.replaceAll(path, join(own, place)), said);
  for (const place of ["envoy", "token", "roots", "mesh", "www"]) mkdirSync(join(own, place), { recursive: true });
  for (const file of ["bootstrap", "token-secret", "root-secret"])
    writeFileSync(
      join(own, "envoy", `${file}.json`),
      mounted(injected.metadata.annotations[`heddle.io/${file}`] ?? ""),
    );
  const filledIn = (said: string) =>
    Object.entries(variables).reduce((all, [name, value]) => all.replaceAll(`$(${name})`, value), said);
  const { initContainers, containers } = injected.spec;
  const proxy = [...initContainers, ...containers].find(({ name }) => name === "istio-proxy");
  if (!proxy) throw new Error(`${name} has no proxy`);
  const preStop = valueAt(proxy, ["lifecycle", "preStop", "exec", "command"]) as string[];
  return {
    folder: own,
    args: (proxy["args"] as string[]).map((said) => filledIn(mounted(said))),
    preStop: preStop.at(-1) ?? "",
    metadata: { ...pod.metadata, name: "p", namespace },
    account: serviceAccount,
    address,
  };
}

/** Runs a script with a control plane and the pod's Envoy, in a network of their own. */
function runPod(pod: KubeletsPod, script: string, policy: readonly object[] = []): string[] {
  const { metadata, account, address } = pod;
  const spec = { serviceAccountName: account, containers: [] };
  const object = { apiVersion: "v1", kind: "Pod", metadata, spec };
  const mesh = [{ ...object, status: { podIP: address } }, ...policy];
  writeFileSync(join(pod.folder, "mesh/mesh.yaml"), mesh.map((one) => JSON.stringify(one)).join("\n---\n"));
  const words = ["--net", "bash", "-c", `${start}${script}${stop}`, "bash", envoyBinary, ...pod.args];
  const out = execFileSync("unshare", words, {
    cwd: pod.folder,
    env: {
      ...process.env,
      ROOT: projectRoot(),
      ACCOUNT: `-n ${String(metadata["namespace"])} -s ${account}`,
      PRE_STOP: pod.preStop,
      HOST: address.includes(":") ? `[${address}]` : address,
      IPV6: address.includes(":") ? address : "",
    },
    encoding: "utf8",
    timeout: 90_000,
  });
  return out.trim().split("\n");
}

const start = `
ip link set lo up
if [ -n "$IPV6" ]; then ip addr add "$IPV6/128" dev lo && ip addr add ::6/128 dev lo; fi
"$ROOT/bin/heddle" serve -f mesh --state-dir state --log-level warn 2>serve.log & server=$!
until [ -s state/admin.json ]; do sleep 0.2; done
"$ROOT/bin/heddle" ca bundle --state-dir state >roots/root-cert.pem
"$ROOT/bin/heddle" token create $ACCOUNT --state-dir state >token/heddle-token
"$@" >envoy.log 2>&1 & envoy=$!
get() { curl -s -m 3 -o /dev/null -w '%{http_code}' "http://$HOST:$1"; }
until [ "$(get 15021/healthz/ready)" = 200 ]; do kill -0 $envoy || exit 1; sleep 0.2; done
`;
const stop = `
kill $envoy $app $server; wait
`;

const probes = `
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
`;

it("an injected Envoy gets its configuration, and answers the kubelet for the app", () => {
  // HTTP, TCP, gRPC, and a path that is no probe
  expect(runPod(writePod("probes", "shop", "default"), probes)).toEqual([
    "before 503 503 503 404",
    "with 200 200 503 404",
    "without 200 503 503 404",
    "127.0.0.6 GET /live?full=1",
  ]);
}, 100_000);

const probes6 = `
all() { echo "$1 $(get '15020/app-health/web/livez?full=1') $(get 15020/app-health/web/readyz)"; }
all before
touch www/live
(cd www && exec python3 -m http.server 8080 --bind "$IPV6" >../app.log 2>&1) & app=$!
python3 -m http.server 9000 --bind "$IPV6" >/dev/null 2>&1 & port=$!
until [ "$(get 15020/app-health/web/readyz)$(get 15020/app-health/web/livez)" = 200200 ]; do sleep 0.2; done
all with
kill $port
while [ "$(get 15020/app-health/web/readyz)" = 200 ]; do sleep 0.2; done
all without
grep -o '^::6 .*full=1' app.log | sed 's/ .*"GET/ GET/' | head -1
echo "$(get 15090/stats/prometheus)"
`;

it("a pod of IPv6 alone is ready, probed and measured by its address", () => {
  expect(runPod(writePod("probes", "shop", "default", "fd00::7"), probes6)).toEqual([
    "before 503 503",
    "with 200 200",
    "without 200 503",
    "::6 GET /live?full=1",
    "200",
  ]);
}, 100_000);

const networking = (kind: string, spec: object): object => ({
  apiVersion: "networking.istio.io/v1",
  kind,
  metadata: { name: "edge", namespace: "ingress" },
  spec,
});

const edge = `
ask() { kill -0 $envoy || exit 1; curl -s -m 3 -o answer -D headers -w '%{http_code}' http://127.0.0.1:8080/; }
until [ "$(ask)" = 218 ]; do sleep 0.2; done
echo "before $(ask) $(grep -ic '^connection: close' headers)"
bash -c "$PRE_STOP"
echo "draining $(ask) $(grep -ic '^connection: close' headers)"
`;

it("an injected gateway serves what its Gateways say, and drains before it ends", () => {
  const pod = writePod("gateway", "ingress", "ingressgateway");
  const answers = runPod(pod, edge, [
    networking("Gateway", {
      selector: { istio: "ingressgateway" },
      servers: [{ port: { number: 8080, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
    }),
    networking("VirtualService", { hosts: ["*"], gateways: ["edge"], http: [{ directResponse: { status: 218 } }] }),
  ]);
  expect(answers).toEqual(["before 218 0", "draining 218 1"]);
}, 100_000);
