export { openMesh, runMesh, type MeshOptions, type OpenMesh, type RunningMesh, type RunOptions } from "./up.ts";
export { type ControlPlane, type RunningWorkload } from "./workload.ts";
export { withAddresses, podRange } from "./addresses.ts";
export { envoyPath, requireMachine } from "./requirements.ts";
export { startProcess, lastLines, type RunningProcess } from "./processes.ts";
export { attempt, run, type Outcome } from "./command.ts";
