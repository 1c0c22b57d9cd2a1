import { memo } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { codes, type Finding } from "./finding.ts";

/** The user of the sidecar, whose connections are not intercepted. */
const proxyUser = 1337;

/** Pods whose app runs as the proxy's user: its traffic goes past the mesh. https://istio.io/latest/docs/reference/config/analysis/ist0144/ */
export const podUsers = memo((pods: readonly MeshObject<"Pod">[]): readonly Finding[] => pods.flatMap(ofPod));

const ofPod = memo((object: MeshObject<"Pod">): readonly Finding[] => {
  const found = (path: (string | number)[]): Finding => {
    const message = `user ${proxyUser} is the sidecar's: what the app sends goes past the mesh`;
    return { code: codes.proxyUser, object, path: ["spec", ...path, "securityContext", "runAsUser"], message };
  };
  const { runAsUser, containers } = object.spec;
  const apps = [...containers.entries()].filter(([, { name }]) => name !== "istio-proxy");
  const own = apps.filter(([, container]) => container.runAsUser === proxyUser);
  const inherits = runAsUser === proxyUser && apps.some(([, container]) => container.runAsUser === undefined);
  return [...(inherits ? [found([])] : []), ...own.map(([i]) => found(["containers", i]))];
});
