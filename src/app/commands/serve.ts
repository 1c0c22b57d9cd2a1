import { Command } from "commander";
import { createLog } from "../../lib/index.ts";
import { startControlPlane } from "../control-plane.ts";
import { Failure } from "../failure.ts";
import { openClusterPlane } from "../kubernetes/cluster-plane.ts";
import { clusterOptions, clusterSettingsFrom, type ClusterFlags } from "../kubernetes/settings.ts";
import { filesOption, serverOptions, settingsFrom, type ServerFlags } from "../settings.ts";
import { untilSignal } from "../signal.ts";

type ServeFlags = ServerFlags & ClusterFlags & { files?: string; caDir?: string };

/** `heddle serve`: the control plane alone, until SIGTERM or Ctrl-C. */
export function serveCommand(): Command {
  const command = new Command("serve").description("run the control plane on a directory of YAML, or in a cluster");
  for (const option of [filesOption(), ...serverOptions(), ...clusterOptions()]) command.addOption(option);
  return command.action(async ({ files, ...flags }: ServeFlags) => {
    if ((files === undefined) === (flags.kubernetes !== true))
      throw new Failure("say where the policy is: either -f DIR or --kubernetes");
    if (files === undefined) return serveCluster(flags);
    const plane = await startControlPlane(settingsFrom({ ...flags, files }), createLog(flags.logLevel));
    await untilSignal();
    await plane.stop();
  });
}

async function serveCluster(flags: ServeFlags): Promise<void> {
  if (flags.caDir !== undefined) throw new Failure("--ca-dir: in a cluster the CA is in the Secret heddle-ca");
  const ended = untilSignal();
  const plane = openClusterPlane(clusterSettingsFrom(flags), createLog(flags.logLevel));
  plane.started.catch(() => undefined); // told by the race, unless it ends because we do
  try {
    await Promise.race([plane.started, ended]);
    await ended;
  } finally {
    await plane.stop();
  }
}
