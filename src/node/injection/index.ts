export { decideInjection, type Decision, type InjectionPolicy } from "./decide.ts";
export { podInterception } from "./interception.ts";
export { injectPod, isInjected, podFields } from "./inject.ts";
export { isFields, parsePod, type Fields, type Pod } from "./pod.ts";
export { buildPatch, formatPatch, type PatchOperation } from "./patch.ts";
export { templatePath, valueAt } from "./workload.ts";
export { defaultInjectionSettings, parseInjectionSettings, type InjectionSettings } from "./settings.ts";
