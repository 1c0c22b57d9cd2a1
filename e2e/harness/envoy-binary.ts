import { join } from "node:path";

/** The stock Envoy: HEDDLE_ENVOY, else the one that scripts/fetch-envoy.sh installs. */
export const envoyBinary = process.env["HEDDLE_ENVOY"] || join(process.cwd(), ".cache", "envoy", "envoy");
