/** A Pod that runs e2e/apps/echo.mjs behind a sidecar. */
export interface EchoPod {
  readonly name: string;
  readonly namespace?: string; // default
  readonly app?: string; // label; the name
  readonly version?: string; // label, and what its answers say; v1
  readonly serviceAccount?: string; // the app
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Whether its neighbours may know that it has a sidecar; true. */
  readonly known?: boolean;
  readonly env?: Readonly<Record<string, string | number>>;
  readonly node?: string; // where Kubernetes would run it
}

/** YAML of a pod; JSON is YAML. Its web server listens on 8080. */
export function echoPod(pod: EchoPod): string {
  const { name, namespace = "default", app = name, version = "v1", serviceAccount = app, known = true } = pod;
  const env = { PORT: "8080", SERVICE: app, VERSION: version, ...pod.env };
  const sidecar: Record<string, string> = known ? { "sidecar.istio.io/inject": "true" } : {};
  return document({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      labels: { app, version, ...sidecar, ...pod.labels },
      annotations: pod.annotations ?? {},
    },
    spec: {
      serviceAccountName: serviceAccount,
      ...(pod.node !== undefined && { nodeName: pod.node }),
      containers: [
        {
          name: "app",
          command: ["node", "e2e/apps/echo.mjs"],
          env: Object.entries(env).map(([name, value]) => ({ name, value: String(value) })),
        },
      ],
    },
  });
}

/** A Service as Kubernetes would hold it, selecting the pods of an app. */
export interface EchoService {
  readonly name: string;
  readonly namespace?: string; // default
  readonly app?: string; // the name
  /** By port name, which tells the protocol: port and, where it is another, the port of the pod. Default `{ http: [80, 8080] }`. */
  readonly ports?: Readonly<Record<string, readonly [port: number, targetPort?: number]>>;
  readonly headless?: boolean;
  readonly ipFamilies?: readonly ("IPv4" | "IPv6")[];
}

/** YAML of a service. */
export function echoService(service: EchoService): string {
  const { name, namespace = "default", app = name, ports = { http: [80, 8080] }, headless, ipFamilies } = service;
  return document({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: {
      ...(headless ? { clusterIP: "None" } : {}),
      ...(ipFamilies ? { ipFamilies } : {}),
      selector: { app },
      ports: Object.entries(ports).map(([name, [port, targetPort = port]]) => ({ name, port, targetPort })),
    },
  });
}

function document(object: object): string {
  return `---\n${JSON.stringify(object)}\n`;
}
