import type { Problem } from "../../lib/index.ts";
import { parseInterception, type IptablesOptions } from "../iptables-options.ts";
import { invalid } from "../problems.ts";

type Annotations = Readonly<Record<string, string>>;

const prefix = "traffic.sidecar.istio.io/";

/** Each annotation of Istio and the option of `heddle iptables` that says the same. */
const lists = [
  { annotation: "includeInboundPorts", option: "includeInboundPorts", flag: "--inbound-ports", ports: true },
  { annotation: "excludeInboundPorts", option: "excludeInboundPorts", flag: "--exclude-inbound-ports", ports: true },
  { annotation: "includeOutboundIPRanges", option: "includeOutboundCidrs", flag: "--outbound-cidrs", ports: false },
  {
    annotation: "excludeOutboundIPRanges",
    option: "excludeOutboundCidrs",
    flag: "--exclude-outbound-cidrs",
    ports: false,
  },
  { annotation: "includeOutboundPorts", option: "includeOutboundPorts", flag: "--outbound-ports", ports: true },
  { annotation: "excludeOutboundPorts", option: "excludeOutboundPorts", flag: "--exclude-outbound-ports", ports: true },
  { annotation: "excludeInterfaces", option: "excludeInterfaces", flag: "--exclude-interfaces", ports: false },
] as const;

/** Of these, a `*` means all. */
const mayBeAll: ReadonlySet<string> = new Set([
  "includeInboundPorts",
  "includeOutboundIPRanges",
  "includeOutboundPorts",
]);

/** Which traffic of a pod is taken over: the same as arguments and as options, neither where none is (`interceptionMode: NONE`). */
export interface PodInterception {
  readonly arguments?: readonly string[]; // of `heddle iptables apply`
  readonly options?: IptablesOptions;
  readonly problems: readonly Problem[];
}

function fieldOf(annotation: string): string {
  return `metadata.annotations["${annotation}"]`;
}

function words(text: string): string[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean);
}

/**
 * Reads Istio's traffic annotations. Each word is parsed to a number, an address or an interface's name before it becomes part of
 * a command line. https://istio.io/latest/docs/reference/config/annotations/
 */
export function podInterception(annotations: Annotations): PodInterception {
  const problems: Problem[] = [];
  const mode = annotations["sidecar.istio.io/interceptionMode"] ?? "REDIRECT";
  if (mode === "NONE") return { problems };
  if (mode !== "REDIRECT") {
    const message = mode === "TPROXY" ? "TPROXY is not supported" : "neither REDIRECT nor NONE";
    problems.push(invalid(fieldOf("sidecar.istio.io/interceptionMode"), message));
  }
  const options: Record<string, unknown> = {};
  const flags: string[] = [];
  for (const { annotation, option, flag, ports } of lists) {
    const text = annotations[prefix + annotation];
    if (text === undefined) continue;
    const all = text.trim() === "*" && mayBeAll.has(annotation);
    const list = words(text);
    if (ports && !all && list.some((word) => !/^\d{1,5}$/.test(word))) {
      problems.push(
        invalid(fieldOf(prefix + annotation), `not a list of ports: ${JSON.stringify(text.slice(0, 100))}`),
      );
      continue;
    }
    options[option] = all ? "*" : ports ? list.map(Number) : list;
    flags.push(`${flag}=${all ? "*" : list.join(",")}`);
  }
  problems.push(...meaning(options));
  return problems.length > 0 ? { problems } : { arguments: flags, options, problems };
}

/** The problems of the rules that would be made, at the annotations they come from. */
function meaning(options: IptablesOptions): Problem[] {
  return parseInterception(options).problems.map((problem) => {
    const option = problem.field?.replace(/\[\d+\]$/, "");
    const found = lists.find((list) => list.option === option);
    return { ...problem, field: found ? fieldOf(prefix + found.annotation) : (problem.field ?? "") };
  });
}
