import { echoPod } from "../../../e2e/harness/index.ts";

/** Annotation of a Pod: its sidecar gets clusters on demand, or does not. */
const onDemand = (word: "enabled" | "disabled") => ({ "heddle.io/on-demand-clusters": word });

/** Two callers that differ in nothing else, and the server of all services. */
export const callers = ["eager", "lazy"] as const;
export type Caller = (typeof callers)[number];

/** The host of service `n`; `{n}` is filled in by the client with the number of the request. */
export function hostOf(n: number | "{n}"): string {
  return `s${n}.many.example`;
}

/** No file may hold more objects than the control plane takes from one. */
const servicesInFile = 500;

/** Files of a mesh of so many services of one HTTP port, all served by one pod, and two callers of them. */
export function meshInput(services: number): string[] {
  const pods = [
    echoPod({ name: "eager", annotations: onDemand("disabled") }),
    echoPod({ name: "lazy", annotations: onDemand("enabled") }),
    echoPod({ name: "server", annotations: onDemand("enabled") }),
  ];
  const entries = Array.from({ length: services }, (_, n) => `---\n${JSON.stringify(serviceEntry(n))}\n`);
  const files = Array.from({ length: Math.ceil(services / servicesInFile) }, (_, n) =>
    entries.slice(n * servicesInFile, (n + 1) * servicesInFile).join(""),
  );
  return [pods.join(""), ...files];
}

/** Where a request to any of the services is sent to: the name in it tells which service is meant. */
export const address = "10.100.0.0";

function serviceEntry(n: number): object {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: `s${n}`, namespace: "default" },
    spec: {
      hosts: [hostOf(n)],
      location: "MESH_INTERNAL",
      resolution: "STATIC",
      addresses: [`10.100.${n >> 8}.${n & 255}`],
      ports: [{ name: "http", number: 80, protocol: "HTTP", targetPort: 8080 }],
      workloadSelector: { labels: { app: "server" } },
    },
  };
}
