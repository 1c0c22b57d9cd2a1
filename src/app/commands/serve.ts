import { Command } from "commander";
import { createLog } from "../../lib/index.ts";
import { startControlPlane } from "../control-plane.ts";
import { serverOptions, settingsFrom } from "../settings.ts";
import { untilSignal } from "../signal.ts";

/** `heddle serve`: the control plane alone, until SIGTERM or Ctrl-C. */
export function serveCommand(): Command {
  const command = new Command("serve").description("run the control plane on a directory of YAML");
  for (const option of serverOptions()) command.addOption(option);
  return command.action(async (flags: Parameters<typeof settingsFrom>[0]) => {
    const settings = settingsFrom(flags);
    const log = createLog(settings.logLevel);
    const plane = await startControlPlane(settings, log);
    await untilSignal();
    await plane.stop();
  });
}
