import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { parseDuration } from "../../model/index.ts";
import { adminClient, adminOptions, valueOf, type AdminFlags } from "../admin.ts";
import { Failure } from "../failure.ts";

interface TokenFlags extends AdminFlags {
  namespace: string;
  serviceAccount: string;
  workload?: string;
  ttl: string;
  out?: string;
}

/** `heddle token create`: a join token, with which a sidecar outside Kubernetes proves its identity. */
export function tokenCommand(): Command {
  const create = new Command("create")
    .description("make a join token for one identity; printed on stdout, or written to a file of mode 0600")
    .requiredOption("-n, --namespace <namespace>", "namespace of the workload")
    .requiredOption("-s, --service-account <name>", "service account of the workload")
    .option("-w, --workload <name>", "bind the token to one Pod or WorkloadEntry")
    .option("--ttl <duration>", "how long it is valid, such as 90s, 15m or 24h", "1h")
    .option("--out <file>", "write it here instead of stdout");
  for (const option of adminOptions()) create.addOption(option);
  create.action(async (flags: TokenFlags) => {
    const { namespace, serviceAccount, workload, ttl } = flags;
    const ttlMs = parseDuration(ttl);
    if (ttlMs === undefined) throw new Failure(`--ttl ${ttl}: a duration such as 90s, 15m or 24h is expected`);
    const client = await adminClient(flags);
    const made = await client.createToken({ namespace, serviceAccount, ttlMs, ...(workload ? { workload } : {}) });
    const { token } = valueOf(made);
    if (flags.out) await writeFile(flags.out, token, { mode: 0o600 });
    else process.stdout.write(`${token}\n`);
  });
  return new Command("token").description("join tokens for sidecars outside Kubernetes").addCommand(create);
}
