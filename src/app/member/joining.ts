import { readFile } from "node:fs/promises";
import { Client, credentials, Metadata, type ClientDuplexStream, type ServiceError } from "@grpc/grpc-js";
import { systemClock, type Log } from "../../lib/index.ts";
import type { MemberClaim } from "../../mesh/index.ts";
import type { ControlPlaneEndpoint } from "../../node/index.ts";
import { joinPath, maxMemberBytes, type GroupNotice, type MemberMessage } from "../../xds/index.ts";

export interface JoiningOptions {
  readonly controlPlane: ControlPlaneEndpoint;
  readonly caFile: string; // read anew for each attempt, as is the token
  readonly tokenFile: string;
  readonly claim: MemberClaim;
  /** What the control plane says, now and whenever it changes. */
  readonly onNotice: (notice: GroupNotice) => void;
  readonly log: Log;
}

/** A workload's membership, kept up whatever becomes of the connection. */
export interface Joining {
  /** Resolves when the workload is in its group, or is known not to be let in for now. */
  readonly answered: Promise<void>;
  report(this: void, healthy: boolean, message: string): void;
  /** Says good-bye: the entry is gone when it resolves, or the control plane cannot be told. */
  leave(this: void): Promise<void>;
}

type Stream = ClientDuplexStream<MemberMessage, GroupNotice>;

/** Shown whole; the control plane takes no text of more than 512. */
const longestMessage = 300;
const leaveMs = 2_000;
/** As Envoy's for its own stream: found again within seconds, by no more than a jittered trickle. */
const backOff = { firstMs: 500, mostMs: 5_000 };

/** Joins the group, and again whenever the stream has ended, until it leaves. */
export function keepJoined(options: JoiningOptions): Joining {
  const { log } = options;
  let claim = options.claim;
  let stream: Stream | undefined;
  let isLeaving = false;
  let waitMs = backOff.firstMs;
  let lastReason = "";
  let onEnded = (): void => undefined;
  let onAnswered = (): void => undefined;
  const answered = new Promise<void>((resolve) => (onAnswered = resolve));

  const again = (reason: string): void => {
    stream = undefined;
    onEnded();
    onAnswered();
    if (isLeaving) return;
    if (reason !== lastReason) log.warn({ reason }, "the workload is not in its group: it tries again");
    lastReason = reason;
    systemClock.after(waitMs * (0.5 + Math.random() / 2), () => void attempt());
    waitMs = Math.min(waitMs * 2, backOff.mostMs);
  };
  const attempt = async (): Promise<void> => {
    if (isLeaving) return;
    try {
      const opened = await openStream(options, again);
      stream = opened;
      opened.on("data", (notice: GroupNotice) => {
        if (waitMs !== backOff.firstMs || lastReason !== "")
          log.info({ entry: notice.entry }, "the workload is in its group");
        waitMs = backOff.firstMs;
        lastReason = "";
        options.onNotice(notice);
        onAnswered();
      });
      opened.write({ join: claim });
    } catch (error) {
      again(error instanceof Error ? error.message : String(error));
    }
  };
  void attempt();
  return {
    answered,
    report: (healthy, message) => {
      const said = message.slice(0, longestMessage);
      claim = { ...options.claim, healthy, ...(!healthy && { unwell: said }) };
      stream?.write({ health: { healthy, message: said } });
    },
    leave: async () => {
      isLeaving = true;
      const leaving = stream;
      if (!leaving) return;
      await new Promise<void>((resolve) => {
        onEnded = resolve;
        systemClock.after(leaveMs, resolve);
        leaving.write({ leave: true });
        leaving.end();
      });
    },
  };
}

/** A stream to the control plane, of which `onEnd` hears once why it ended. */
async function openStream(
  { controlPlane: { address, port, serverName }, caFile, tokenFile }: JoiningOptions,
  onEnd: (reason: string) => void,
): Promise<Stream> {
  const [ca, token] = await Promise.all([readFile(caFile), readFile(tokenFile, "utf8")]);
  const client = new Client(`${address.includes(":") ? `[${address}]` : address}:${port}`, credentials.createSsl(ca), {
    "grpc.ssl_target_name_override": serverName,
    "grpc.default_authority": serverName,
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 10_000,
    "grpc.max_receive_message_length": maxMemberBytes,
    "grpc.enable_retries": 0,
    "grpc.enable_http_proxy": 0,
  });
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${token.trim()}`);
  const stream: Stream = client.makeBidiStreamRequest(
    joinPath,
    (message: MemberMessage) => Buffer.from(JSON.stringify(message)),
    (bytes: Buffer) => JSON.parse(bytes.toString("utf8")) as GroupNotice,
    metadata,
  );
  let isOver = false;
  const end = (reason: string): void => {
    if (isOver) return;
    isOver = true;
    client.close();
    onEnd(reason);
  };
  stream.on("error", (error: ServiceError) => end(error.details || error.message));
  stream.on("end", () => end("the control plane has ended the stream"));
  return stream;
}
