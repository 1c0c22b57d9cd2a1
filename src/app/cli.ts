import { Command, CommanderError } from "commander";
import { Failure } from "./failure.ts";
import { applyCommand } from "./commands/apply.ts";
import { caCommand } from "./commands/ca.ts";
import { checkCommand } from "./commands/check.ts";
import { configCommand } from "./commands/config.ts";
import { crdsCommand } from "./commands/crds.ts";
import { injectCommand } from "./commands/inject.ts";
import { iptablesCommand } from "./commands/iptables.ts";
import { proxyCommand } from "./commands/proxy.ts";
import { renderCommand } from "./commands/render.ts";
import { serveCommand } from "./commands/serve.ts";
import { statusCommand } from "./commands/status.ts";
import { tokenCommand } from "./commands/token.ts";
import { upCommand } from "./commands/up.ts";
import { version } from "./version.ts";

/** The commands in the order a newcomer meets them. */
const commands = [
  upCommand, // a whole mesh on this machine
  serveCommand, // the control plane alone
  proxyCommand, // a sidecar
  iptablesCommand,
  injectCommand, // the same for Kubernetes
  checkCommand, // before it is applied
  renderCommand,
  applyCommand,
  statusCommand, // after it was applied
  configCommand,
  tokenCommand,
  caCommand,
  crdsCommand, // once in a cluster
];

/** Runs the command line and returns the exit status: 0 done, 1 the input has errors, 2 the call or the machine is at fault. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const program = new Command("heddle")
    .description("A service-mesh control plane that drives stock Envoy sidecars from Istio's API.")
    .version(version)
    .showHelpAfterError("(add --help for more)")
    .exitOverride();
  for (const command of commands) program.addCommand(command().exitOverride().copyInheritedSettings(program));
  try {
    await program.parseAsync([...argv]);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return exitStatusOf(error);
  }
}

function exitStatusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Failure) {
    process.stderr.write(`heddle: ${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(`heddle: ${error instanceof Error ? error.message : String(error)}\n`);
  if (process.env["HEDDLE_DEBUG"] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return 2;
}
