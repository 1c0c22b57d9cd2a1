/** What is known of an annotation of Istio's. */
interface KnownAnnotation {
  readonly on: readonly string[]; // kinds; "Any" is each
  /** What to do instead, or why there is nothing to do, where it changes nothing here; undefined: it does, or some program notes it. */
  readonly idle?: string;
}

const pod = ["Pod"];
const any = ["Any"];
const ambient = "there is no ambient mode";
const machines = "virtual machines inside of pods are not known";

/** What stands before the `/`, the names behind it, the kinds they are for, and why they change nothing here. */
const rows: readonly (readonly [group: string, names: string, on: readonly string[], idle?: string])[] = [
  [
    "sidecar.istio.io",
    `inject status proxyImage proxyCPU proxyMemory proxyCPULimit proxyMemoryLimit logLevel componentLogLevel
    rewriteAppHTTPProbers interceptionMode nativeSidecar`,
    pod,
  ],
  ["sidecar.istio.io", "proxyImageType", pod, "write image: { imageType: ... } into proxy.istio.io/config"],
  ["sidecar.istio.io", "agentLogLevel controlPlaneAuthPolicy discoveryAddress", pod, "there is no agent in the pod"],
  ["sidecar.istio.io", "bootstrapOverride", pod, "use an EnvoyFilter"],
  ["sidecar.istio.io", "userVolume userVolumeMount", pod, "write volumes into a template of the injection settings"],
  ["sidecar.istio.io", "enableCoreDump", pod, "no core is dumped"],
  [
    "sidecar.istio.io",
    `statsInclusionPrefixes statsInclusionSuffixes statsInclusionRegexps statsHistogramBuckets statsCompression
    statsEvictionInterval statsFlushInterval extraStatTags`,
    pod,
    "the statistics of all proxies are the same",
  ],
  ["status.sidecar.istio.io", "port", pod],
  ["readiness.status.sidecar.istio.io", "periodSeconds failureThreshold", pod],
  ["readiness.status.sidecar.istio.io", "initialDelaySeconds", pod, "the proxy is asked from its start"],
  ["readiness.status.sidecar.istio.io", "applicationPorts", pod, "a proxy is ready when it has its configuration"],
  [
    "traffic.sidecar.istio.io",
    `includeInboundPorts excludeInboundPorts includeOutboundIPRanges excludeOutboundIPRanges includeOutboundPorts
    excludeOutboundPorts excludeInterfaces`,
    pod,
  ],
  ["traffic.sidecar.istio.io", "kubevirtInterfaces", pod, machines],
  ["istio.io", "reroute-virtual-interfaces", pod, machines],
  ["proxy.istio.io", "config", pod],
  ["inject.istio.io", "templates", pod],
  ["prometheus.istio.io", "merge-metrics", pod, "scrape the app, and port 15090 of its proxy"],
  ["ambient.istio.io", "bypass-inbound-capture dns-capture", pod, ambient],
  ["alpha.istio.io", "identity", pod, "a workload's identity is its service account"],
  ["networking.istio.io", "exportTo", ["Service"]],
  ["networking.istio.io", "traffic-distribution", ["Service", "ServiceEntry"]],
  [
    "traffic.istio.io",
    "nodeSelector",
    ["Service"],
    "write the gateways' addresses into meshNetworks: docs/networks.md",
  ],
  ["alpha.istio.io", "kubernetes-serviceaccounts canonical-serviceaccounts", ["Service"], "endpoints have their own"],
  ["istio.io", "connect-strategy", ["ServiceEntry"], "addresses are called one after the other"],
  ["topology.istio.io", "controlPlaneClusters", ["Namespace"], "there is one cluster"],
  ["istio.io", "dry-run", ["AuthorizationPolicy"]],
  // What programs note, on whatever they make.
  ["galley.istio.io", "analyze-suppress", any],
  ["install.operator.istio.io", "chart-owner owner-generation version", any],
  ["gateway.istio.io", "controller-version name-override service-account", any],
  ["networking.istio.io", "service-type", any],
  ["ambient.istio.io", "redirection waypoint-inbound-binding", any],
  ["proxy.istio.io", "overrides health-checks-enabled", any],
  ["istio.io", "rev autoRegistrationGroup connectedAt disconnectedAt workloadController", any],
];

/** Every annotation of Istio's by name: https://istio.io/latest/docs/reference/config/annotations/ */
export const istioAnnotations: ReadonlyMap<string, KnownAnnotation> = new Map(
  rows.flatMap(([group, names, on, idle]) =>
    names.split(/\s+/).map((name) => [`${group}/${name}`, { on, ...(idle !== undefined && { idle }) }] as const),
  ),
);

/** Whether a name is one that Istio has to itself. With `internal.` its own programs talk to each other. */
export function isIstioName(name: string): boolean {
  const group = name.slice(0, Math.max(0, name.indexOf("/")));
  return (group === "istio.io" || group.endsWith(".istio.io")) && group !== "internal.istio.io";
}
