import type { Written } from "../../web/index.ts";

/** In a cluster policy is written by kubectl: the API server is the truth, and keeps who may write what. */
export function applyElsewhere(): Promise<Written> {
  const problem = {
    code: "HED409",
    level: "error",
    message: "this control plane reads its policy from the Kubernetes API",
    hint: "use kubectl apply, then heddle status",
  } as const;
  return Promise.resolve({ written: false, revision: "", objects: [], problems: [problem] });
}
