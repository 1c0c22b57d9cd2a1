import { Command } from "commander";
import { adminClient, adminOptions, valueOf, type AdminFlags } from "../admin.ts";
import { outputOption, print, type OutputFormat } from "../output.ts";

interface CaFlags extends AdminFlags {
  output: OutputFormat;
}

/** `heddle ca`: the roots that workloads trust; `heddle ca bundle`: as PEM. */
export function caCommand(): Command {
  const show = new Command("show").description("the roots that workloads trust").addOption(outputOption());
  const bundle = new Command("bundle").description("the roots as PEM, for --ca files and browsers");
  for (const command of [show, bundle]) for (const option of adminOptions()) command.addOption(option);
  show.action(async (flags: CaFlags) => {
    const status = valueOf(await (await adminClient(flags)).ca());
    const { trustDomain, roots } = status;
    print(flags.output, { trustDomain, roots }, () =>
      [`trust domain  ${trustDomain}`, ...roots.map(rootText)].join("\n"),
    );
  });
  bundle.action(async (flags: AdminFlags) => {
    process.stdout.write(valueOf(await (await adminClient(flags)).ca()).bundle);
  });
  return new Command("ca")
    .description("the certificate authority of the mesh")
    .addCommand(show, { isDefault: true })
    .addCommand(bundle);
}

function rootText(root: { subject: string; notAfter: number; fingerprint: string }): string {
  return `root          ${root.subject}, valid until ${new Date(root.notAfter).toISOString()}\nsha256        ${root.fingerprint}`;
}
