export { openMesh, type MeshOptions, type OpenMesh, type RunningMesh, type RunOptions } from "./up.ts";
export { type ControlPlane, type RunningWorkload } from "./workload.ts";
export { withAddresses } from "./addresses.ts";
export { envoyPath } from "./requirements.ts";
export { startProcess, lastLines, type RunningProcess } from "./processes.ts";
export { attempt, run, type Outcome } from "./command.ts";
