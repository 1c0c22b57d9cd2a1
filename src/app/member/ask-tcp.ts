import { connect } from "node:net";
import type { Probe } from "../../mesh/index.ts";

/** Asks for a connection, which is closed at once. Rejects with what is wrong, at the latest after `timeoutMs`. */
export function askTcp({ host, port }: NonNullable<Probe["tcpSocket"]>, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${timeoutMs / 1000} s`)), timeoutMs);
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
    socket.on("error", reject);
    socket.once("close", () => clearTimeout(timer));
  });
}
