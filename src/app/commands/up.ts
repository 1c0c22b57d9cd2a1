import { join } from "node:path";
import { Command } from "commander";
import { createLog, type Log } from "../../lib/index.ts";
import { startControlPlane, type ControlPlane } from "../control-plane.ts";
import { Failure } from "../failure.ts";
import { filesOption, serverOptions, settingsFrom, xdsServerName } from "../settings.ts";
import { untilSignal } from "../signal.ts";
import { envoyPath, openMesh, type OpenMesh, type RunningMesh } from "../up/index.ts";

const tokenTtlMs = 3_600_000; // sidecars get a fresh one long before

interface UpFlags {
  logDir?: string;
}

/** `heddle up`: a whole mesh on this machine, until Ctrl-C; leaves nothing behind. */
export function upCommand(): Command {
  const command = new Command("up").description(
    "run a whole mesh on this machine: the Pods of a directory as processes, each in a network namespace behind a stock Envoy",
  );
  for (const option of [filesOption().makeOptionMandatory(), ...serverOptions()]) command.addOption(option);
  command.option("--log-dir <dir>", "keep the logs of sidecars and apps here");
  return command.action(async (flags: Parameters<typeof settingsFrom>[0] & UpFlags) => {
    const log = createLog(flags.logLevel);
    const envoy = envoyPath();
    const ended = untilSignal();
    const mesh = await openMesh({ envoy, log, ...(flags.logDir ? { logDirectory: flags.logDir } : {}) });
    try {
      const { gateway, gateway6 } = mesh.network;
      const own = gateway6 === undefined ? [gateway] : [gateway, gateway6];
      const settings = settingsFrom({ ...flags, xdsAddress: own.join(), xdsName: [...flags.xdsName, ...own] });
      const plane = await startControlPlane(settings, log);
      try {
        await runWorkloads(mesh, plane, log, ended);
      } finally {
        await plane.stop();
      }
    } finally {
      await mesh.close();
    }
  });
}

async function runWorkloads(mesh: OpenMesh, plane: ControlPlane, log: Log, ended: Promise<unknown>): Promise<void> {
  const running = await mesh.run({
    objects: plane.objects(),
    controlPlane: {
      address: mesh.network.gateway,
      port: plane.xdsPort,
      serverName: xdsServerName,
      roots: plane.authority.bundle(),
      createToken: (workload) => tokenFor(plane, workload),
    },
  });
  const stopFollowing = plane.onPublish(() => {
    running
      .update(plane.objects())
      .catch((error: unknown) => log.error({ err: error }, "workloads could not follow the input"));
  });
  const stopRoots = plane.authority.onBundle(() => {
    running
      .writeRoots(plane.authority.bundle())
      .catch((error: unknown) => log.error({ err: error }, "roots not written"));
  });
  try {
    const outcome = await Promise.race([running.untilReady().then(() => "ready"), ended.then(() => "ended")]);
    if (outcome === "ready") process.stdout.write(readyText(running, mesh));
    await ended;
  } finally {
    stopFollowing();
    stopRoots();
    await running.stop();
  }
}

async function tokenFor(
  { authority }: ControlPlane,
  { name, namespace, serviceAccount }: { name: string; namespace: string; serviceAccount: string },
): Promise<string> {
  const made = await authority.tokens.createToken({ namespace, serviceAccount, workload: name, ttlMs: tokenTtlMs });
  if ("refused" in made) throw new Failure(made.refused, 1);
  return made.token;
}

function readyText({ workloads }: RunningMesh, mesh: OpenMesh): string {
  const [first] = workloads.values();
  const example = first
    ? `\n  ip netns exec ${first.namespace.name} curl -s http://SERVICE:PORT/   # as this workload's app`
    : "";
  return `${workloads.size} workloads are up; logs in ${join(mesh.logDirectory)}. Ctrl-C ends it.${example}\n`;
}
