import { memo } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { codes, type Finding } from "./finding.ts";

/** The user of the sidecar, whose connections are not intercepted. */
const proxyUser = 1337;

/** Pods whose app runs as the proxy's user: its traffic goes past the mesh. https://istio.io/latest/docs/reference/config/analysis/ist0144/ */
export const podUsers = memo((pods: readonly MeshObject<"Pod">[]): readonly Finding[] => pods.flatMap(ofPod));

const proxyName = "istio-proxy";

/**
 * Pods of Jobs whose app has ended while the sidecar goes on, as one of the classic form does: neither the pod nor its Job ever ends. A
 * native sidecar is no container of these. https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#sidecar-containers-and-jobs
 */
export const endedApps = memo((pods: readonly MeshObject<"Pod">[]): readonly Finding[] => pods.flatMap(endedAppOf));

const endedAppOf = memo((object: MeshObject<"Pod">): readonly Finding[] => {
  const { endedContainers: ended = [], containers, terminated } = object.spec;
  const running = containers.filter(({ name }) => !ended.includes(name));
  if (terminated || ended.length === 0 || running.length !== 1 || running[0]?.name !== proxyName) return [];
  const message = "its app has ended and its sidecar goes on: the pod does not end, nor does its Job";
  const hint = "let the app's last act be: POST http://127.0.0.1:15000/quitquitquit; native sidecars end by themselves";
  return [{ code: codes.endedApp, object, path: ["metadata", "name"], message, hint }];
});

const ofPod = memo((object: MeshObject<"Pod">): readonly Finding[] => {
  const found = (path: (string | number)[]): Finding => {
    const message = `user ${proxyUser} is the sidecar's: what the app sends goes past the mesh`;
    return { code: codes.proxyUser, object, path: ["spec", ...path, "securityContext", "runAsUser"], message };
  };
  const { runAsUser, containers } = object.spec;
  const apps = [...containers.entries()].filter(([, { name }]) => name !== proxyName);
  const own = apps.filter(([, container]) => container.runAsUser === proxyUser);
  const inherits = runAsUser === proxyUser && apps.some(([, container]) => container.runAsUser === undefined);
  return [...(inherits ? [found([])] : []), ...own.map(([i]) => found(["containers", i]))];
});
