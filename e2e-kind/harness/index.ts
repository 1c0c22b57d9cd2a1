export { createNamespace, deployOutsider, deploySamples, type TestNamespace } from "./namespace.ts";
export { applyWithImage } from "./install.ts";
export { kubectl, kubectlGet, tryKubectl } from "./kubectl.ts";
export { percentile, readFigures, recordFigure } from "./figures.ts";
export { heddleIn, replicaMetric, replicas } from "./replicas.ts";
export { isReady, type List, type Pod } from "./objects.ts";
export { inProject, samplePolicy } from "./project.ts";
export type { Load } from "./requests.ts";
export { waitFor } from "../../e2e/harness/wait.ts";
