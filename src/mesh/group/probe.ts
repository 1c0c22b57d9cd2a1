import { memo } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";

/** How a workload asks its app for its health, nothing left to guess. Exactly one of the last four is there. */
export interface Probe {
  readonly initialDelaySeconds: number;
  readonly timeoutSeconds: number;
  readonly periodSeconds: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
  readonly httpGet?: {
    readonly host: string;
    readonly port: number;
    readonly path: string;
    readonly scheme: "HTTP" | "HTTPS";
    readonly httpHeaders: readonly { readonly name: string; readonly value: string }[];
  };
  readonly tcpSocket?: { readonly host: string; readonly port: number };
  readonly exec?: { readonly command: readonly string[] };
  readonly grpc?: { readonly port: number; readonly service: string };
}

/** As on Istio, the app is asked on the workload itself, where the probe does not say. */
const itself = "localhost";

/** The probe of a group with Istio's defaults; undefined: nobody asks. https://istio.io/latest/docs/reference/config/networking/workload-group/#ReadinessProbe */
export const probeOf = memo(({ spec: { probe } }: MeshObject<"WorkloadGroup">): Probe | undefined => {
  if (!probe) return undefined;
  const { initialDelaySeconds = 0, timeoutSeconds, periodSeconds, successThreshold, failureThreshold } = probe;
  const { httpGet, tcpSocket, exec, grpc } = probe;
  return Object.freeze({
    initialDelaySeconds,
    timeoutSeconds: timeoutSeconds || 1,
    periodSeconds: periodSeconds || 10,
    successThreshold: successThreshold || 1,
    failureThreshold: failureThreshold || 1,
    ...(httpGet && {
      httpGet: {
        host: httpGet.host || itself,
        port: httpGet.port,
        path: httpGet.path || "/",
        scheme: httpGet.scheme === "HTTPS" ? ("HTTPS" as const) : ("HTTP" as const),
        httpHeaders: (httpGet.httpHeaders ?? []).map(({ name = "", value = "" }) => ({ name, value })),
      },
    }),
    ...(tcpSocket && { tcpSocket: { host: tcpSocket.host || itself, port: tcpSocket.port } }),
    ...(exec && { exec: { command: exec.command } }),
    ...(grpc && { grpc: { port: grpc.port ?? 0, service: grpc.service ?? "" } }),
  });
});
