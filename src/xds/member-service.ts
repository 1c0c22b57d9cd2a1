import { status, type Server, type ServiceDefinition } from "@grpc/grpc-js";
import type { Admission } from "../lib/index.ts";
import type { Host } from "./host.ts";
import { joinPath, type GroupNotice } from "./member-messages.ts";
import { MemberStream, type MemberCall, type Memberships } from "./member-stream.ts";

const definition: ServiceDefinition = {
  Join: {
    path: joinPath,
    requestStream: true,
    responseStream: true,
    requestDeserialize: (bytes: Buffer) => bytes, // read only after the caller is known
    requestSerialize: (bytes: Buffer) => bytes,
    responseSerialize: (notice: GroupNotice) => Buffer.from(JSON.stringify(notice)),
    responseDeserialize: (bytes: Buffer) => bytes,
  },
};

/** The streams of workloads that join groups, on the port of the proxies and under the same limits. */
export class MemberService {
  readonly #streams = new Set<MemberStream>();
  #isStopping = false;

  /** `onUsed` hears of the address of each call. */
  constructor(
    grpc: Server,
    host: Host,
    admission: Admission,
    memberships: Memberships,
    onUsed: (peer: string) => void,
  ) {
    grpc.addService(definition, {
      Join: (call: MemberCall) => {
        onUsed(call.getPeer());
        const waiting: { withdraw?: () => void } = {};
        const stream: MemberStream = new MemberStream(host, memberships, call, () => {
          waiting.withdraw?.();
          this.#streams.delete(stream);
        });
        const withdraw = this.#isStopping ? undefined : admission.enter(() => void stream.open());
        if (withdraw) {
          waiting.withdraw = withdraw;
          this.#streams.add(stream);
          return;
        }
        host.metrics.refused("overload");
        stream.end({ code: status.UNAVAILABLE, details: "too many streams, or shutting down" });
      },
    });
  }

  /** Ends all streams: workloads come back to whoever is there next. */
  stop(): void {
    this.#isStopping = true;
    for (const stream of this.#streams)
      stream.end({ code: status.UNAVAILABLE, details: "the control plane is shutting down" });
  }
}
