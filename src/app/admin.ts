import type { Option } from "commander";
import { createAdminClient, type AdminClient, type Answer } from "../web/index.ts";
import { Failure } from "./failure.ts";
import { adminTokenFile, readAdminUrl } from "./state-dir.ts";
import { stateDirOption } from "./settings.ts";

/** What commands that talk to a running server are told. */
export interface AdminFlags {
  stateDir: string;
}

export function adminOptions(): readonly Option[] {
  return [stateDirOption()];
}

/** The admin API of the server that keeps its state there. */
export async function adminClient({ stateDir }: AdminFlags): Promise<AdminClient> {
  return createAdminClient({ url: await readAdminUrl(stateDir), tokenFile: adminTokenFile(stateDir) });
}

/** The value of an answer; what went wrong becomes a Failure. */
export function valueOf<T>(answer: Answer<T>): T {
  if ("error" in answer) throw new Failure(answer.error.message);
  return answer.value;
}
