// A resolver that knows every name: each A query over UDP on 127.0.0.1:53 is answered with $ADDRESS.
import { createSocket } from "node:dgram";

const address = (process.env.ADDRESS ?? "203.0.113.9").split(".").map(Number);
const socket = createSocket("udp4");

/** Where the question ends: labels, a zero, type and class. */
function endOfQuestion(query) {
  let at = 12;
  while (query[at] !== 0) at += query[at] + 1;
  return at + 5;
}

socket.on("message", (query, from) => {
  const end = endOfQuestion(query);
  const isA = query.readUInt16BE(end - 4) === 1;
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(0x8180, 2); // an answer, recursion available
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(isA ? 1 : 0, 6);
  head.fill(0, 8, 12);
  const answer = isA ? [Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address])] : [];
  socket.send(Buffer.concat([head, query.subarray(12, end), ...answer]), from.port, from.address);
});
socket.bind(53, "127.0.0.1");
