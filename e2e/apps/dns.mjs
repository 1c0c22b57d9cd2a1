// A resolver that knows every name: each A query over UDP on $LISTEN:53 (127.0.0.1) is answered with $ADDRESS (203.0.113.9), and each
// AAAA query with $ADDRESS6 (by default with nothing), for $TTL seconds (60).
import { createSocket } from "node:dgram";

const { ADDRESS = "203.0.113.9", ADDRESS6, LISTEN = "127.0.0.1", TTL = "60" } = process.env;
const socket = createSocket(LISTEN.includes(":") ? "udp6" : "udp4");

/** The bytes of an IPv6 address that has one `::`. */
function bytesOf6(text) {
  const [head, tail] = text.split("::").map((part) => part.split(":").filter(Boolean));
  const groups = [...head, ...Array(8 - head.length - tail.length).fill("0"), ...tail];
  return groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
}

/** By type of question. */
const addresses = { 1: ADDRESS.split(".").map(Number), ...(ADDRESS6 ? { 28: bytesOf6(ADDRESS6) } : {}) };

/** Where the question ends: labels, a zero, type and class. */
function endOfQuestion(query) {
  let at = 12;
  while (query[at] !== 0) at += query[at] + 1;
  return at + 5;
}

socket.on("message", (query, from) => {
  const end = endOfQuestion(query);
  const type = query.readUInt16BE(end - 4);
  const address = addresses[type];
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(0x8180, 2); // an answer, recursion available
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(address ? 1 : 0, 6);
  head.fill(0, 8, 12);
  const answer = address
    ? [Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, Number(TTL), 0, address.length, ...address])]
    : [];
  socket.send(Buffer.concat([head, query.subarray(12, end), ...answer]), from.port, from.address);
});
socket.bind(53, LISTEN);
