/** What of ours says what a code of Istio's says, or why nothing does. */
interface IstioCode {
  readonly codes: string; // one, or several that are alike
  readonly name: string; // Istio's
  readonly ours: string; // codes first, then words
}

const row = (codes: string, name: string, ours: string): IstioCode => ({ codes, name, ours });
const same = (code: string, name: string, more = ""): IstioCode =>
  row(code, name, more ? `\`${code}\`: ${more}` : `\`${code}\``);
const none = (codes: string, name: string, reason: string): IstioCode => row(codes, name, `none: ${reason}`);

const noTelemetry = "Telemetry is not read yet (`HED117`)";
const noTokens = "RequestAuthentication is not read yet (`HED117`)";
const noGatewayApi = "the Gateway API is not read yet (`HED117`)";
const oneCluster = "there is one cluster";

/** Every message of Istio's analyzers (pkg/config/analysis/msg/messages.yaml), by code. */
export const istioCodes: readonly IstioCode[] = [
  none("IST0001", "InternalError", "a fault of the tool's own ends the call with exit status 2"),
  same("IST0002", "Deprecated"),
  same("IST0101", "ReferencedResourceNotFound", "ports that are not there are `HED301`"),
  same("IST0102", "NamespaceNotInjected"),
  same("IST0103", "PodMissingProxy"),
  row("IST0106", "SchemaValidationError", "`HED101` to `HED217`: a code for each kind of mistake"),
  same("IST0107", "MisplacedAnnotation"),
  same("IST0108", "UnknownAnnotation", "known ones that change nothing here are `HED119`"),
  same("IST0109", "ConflictingMeshGatewayVirtualServiceHosts"),
  same("IST0110", "ConflictingSidecarWorkloadSelectors"),
  same("IST0111", "MultipleSidecarsWithoutWorkloadSelectors"),
  same("IST0112", "VirtualServiceDestinationPortSelectorRequired"),
  same("IST0113", "MTLSPolicyConflict"),
  same("IST0116", "DeploymentAssociatedToMultipleServices"),
  same("IST0118", "PortNameIsNotUnderNamingConvention"),
  none("IST0119", "JwtFailureDueToInvalidServicePortPrefix", noTokens),
  same("IST0122", "InvalidRegexp"),
  same("IST0123", "NamespaceMultipleInjectionLabels"),
  same("IST0125", "InvalidAnnotation", "those that injection reads are `HED501`; labels are `HED218`"),
  row("IST0126", "UnknownMeshNetworksServiceRegistry", "`HED121`: the registries of a network are not read"),
  same("IST0127", "NoMatchingWorkloadsFound"),
  same("IST0128", "NoServerCertificateVerificationDestinationLevel", "only where insecureSkipVerify says so"),
  same("IST0129", "NoServerCertificateVerificationPortLevel", "only where insecureSkipVerify says so"),
  same("IST0130", "VirtualServiceUnreachableRule"),
  same("IST0131", "VirtualServiceIneffectiveMatch"),
  same("IST0132", "VirtualServiceHostNotFoundInGateway"),
  row("IST0133", "SchemaWarning", "`HED119`, `HED121`, `HED209` to `HED217` as warnings"),
  same("IST0134", "ServiceEntryAddressesRequired"),
  same("IST0135", "DeprecatedAnnotation"),
  none("IST0136", "AlphaAnnotation", "Istio does not tell it any more; what does nothing here is `HED119`"),
  same("IST0137", "DeploymentConflictingPorts", "by the Services' selectors, as Deployments are not read"),
  same("IST0138", "GatewayDuplicateCertificate"),
  none(
    "IST0139",
    "InvalidWebhook",
    "webhook configurations are not the mesh's, and reading them takes rights over the cluster; a pod that another injector has served is not injected again",
  ),
  same("IST0140", "IngressRouteRulesNotAffected"),
  row("IST0141", "InsufficientPermissions", "`HED406`, `HED410`"),
  none("IST0142", "UnsupportedKubernetesVersion", "what depends on the version asks for it: docs/injection.md"),
  none("IST0143", "LocalhostListener", "there is no agent in the pod that could be asked for its sockets"),
  same("IST0144", "InvalidApplicationUID"),
  same("IST0145", "ConflictingGateways"),
  none(
    "IST0146, IST0147",
    "ImageAutoWithoutInjection",
    "images are not read; a pod with `image: auto` that is not injected does not start, and its events say why",
  ),
  none("IST0148", "NamespaceInjectionEnabledByDefault", "injection is not on by default"),
  row("IST0149", "JwtClaimBasedRoutingWithoutRequestAuthN", "`HED121`: RequestAuthentication is not read yet"),
  none(
    "IST0150",
    "ExternalNameServiceTypeInvalidPortName",
    "an ExternalName is another name for the service of its host, as on Istio since 1.21: what its ports are called makes no difference",
  ),
  none(
    "IST0151, IST0155",
    "EnvoyFilterUsesRelativeOperation",
    "all filters are applied to what is built before any of them, by priority, then age: a relative operation finds the same each time",
  ),
  same("IST0152", "EnvoyFilterUsesReplaceOperationIncorrectly"),
  same("IST0153", "EnvoyFilterUsesAddOperationIncorrectly"),
  same("IST0154", "EnvoyFilterUsesRemoveOperationIncorrectly"),
  none("IST0156, IST0176", "UnsupportedGatewayAPIVersion", noGatewayApi),
  none("IST0157, IST0159, IST0160", "InvalidTelemetryProvider and conflicts of Telemetry", noTelemetry),
  none("IST0158", "PodsIstioProxyImageMismatchInNamespace", "images are not read"),
  same("IST0161", "InvalidGatewayCredential", "a Secret with PEM that cannot be read is `HED216` itself"),
  same("IST0162", "GatewayPortNotDefinedOnService", "Istio's IST0104, GatewayPortNotOnWorkload, of old"),
  none("IST0163, IST0164", "ExternalControlPlane", "no control plane is outside of its cluster"),
  none("IST0165, IST0170", "MultiClusterInconsistentService", oneCluster),
  none("IST0166", "IneffectiveSelector", noGatewayApi),
  row("IST0167", "IneffectivePolicy", "`HED304`, `HED305`; Istio means ambient mode, of which there is none"),
  none("IST0168, IST0169", "UpdateIncompatibility", "there is no setting for the behaviour of an older version"),
  none(
    "IST0171",
    "NegativeConditionStatus",
    "conditions are what Heddle writes, not what it reads: docs/kubernetes.md",
  ),
  same("IST0173", "DestinationRuleSubsetNotSelectPods", "only of a service that has endpoints at all"),
  same("IST0174", "UnknownDestinationRuleHost"),
  none("IST0175", "JwksUriFetchUnrestricted", noTokens),
  same("IST0177", "ConflictingServiceEntryProtocol"),
];

/** The last section of docs/messages.md. */
export function renderIstioCodes(): readonly string[] {
  return [
    "## Each of Istio's codes",
    "",
    "What `istioctl analyze` tells, and what says the same here. Left out are codes that Istio has retired or not given out, and its",
    "messages about waypoints, of which there are none here.",
    "",
    "| Istio's | name | here |",
    "|---|---|---|",
    ...istioCodes.map(({ codes, name, ours }) => `| ${codes} | ${name} | ${ours} |`),
    "",
  ];
}
