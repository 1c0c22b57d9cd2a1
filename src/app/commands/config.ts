import { Argument, Command } from "commander";
import { adminClient, adminOptions, valueOf, type AdminFlags } from "../admin.ts";
import { outputOption, print, table, type OutputFormat } from "../output.ts";
import type { ConfigType } from "../../web/index.ts";

const configTypes = [
  "listeners",
  "clusters",
  "routes",
  "endpoints",
  "secrets",
] as const satisfies readonly ConfigType[];

/** `heddle config PROXY [TYPE]`: what a connected Envoy holds; private keys are left out by the server. */
export function configCommand(): Command {
  const command = new Command("config")
    .description("what a connected proxy is served; keys are redacted")
    .argument("<proxy>", "NAME.NAMESPACE, as heddle status lists it")
    .addArgument(new Argument("[type]", "only these").choices(configTypes))
    .addOption(outputOption());
  for (const option of adminOptions()) command.addOption(option);
  return command.action(
    async (proxy: string, type: ConfigType | undefined, flags: AdminFlags & { output: OutputFormat }) => {
      const resources = valueOf(await (await adminClient(flags)).config(proxy, type));
      print(flags.output, resources, () =>
        table(
          ["TYPE", "NAME", "VERSION"],
          resources.map((found) => [found.type, found.name, found.version]),
        ),
      );
    },
  );
}
