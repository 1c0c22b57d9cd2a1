// A plain web server that knows nothing of any mesh: it says which version it is and what it was sent, and misbehaves on request.
//   env: PORT (8080; several with commas between), VERSION, SERVICE, STATUS (what it answers unless told otherwise: 200), DELAY (ms that it
//        waits unless told otherwise: 0), CAPACITY (what comes while so many requests are under way is refused with 503 `{ "overloaded": true }`)
//        off by default: TCP_PORT (a TCP echo), H2_PORT (the same over HTTP/2 without TLS), EITHER_PORT (to PORT or H2_PORT, by what the caller
//        speaks), TLS_PORT with TLS_CERT and TLS_KEY (over TLS; with TLS_CA it takes only callers whose certificate that CA has signed, and says
//        under `caller` who they are), TUNNEL (`POST`: carries the bytes of each POST on to the host and port it is for, and those from there back)
//   request headers (or the query parameters of the same name without x-):
//     x-status: 503        answer with this status
//     x-fail: 2            fail the first 2 attempts of this x-request-key with 503 (or x-status)
//     x-reset: 2           close the connection on the first 2 attempts of this x-request-key
//     x-delay: 250         wait so many milliseconds first
//     x-request-key: any   counts attempts under this key; the answer's `attempt` says the how-manieth this is
//     x-size: 1000         pad the answer with so many bytes
//     x-call: http://...   call this address, pass x-request-id and traceparent on, put its answer under `called`
//   upgrade: websocket   switches protocols, greets, then says every byte back
//   CONNECT host:port    carries the connection on to there, as a forward proxy
//   GET /-/stats: what was received since the start; DELETE /-/stats: begin anew
import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import { connect, createServer as createTcpServer } from "node:net";
import { hostname } from "node:os";

const {
  PORT = "8080",
  VERSION = "",
  SERVICE = "",
  STATUS = "200",
  DELAY = "0",
  CAPACITY = "Infinity",
  TCP_PORT,
  H2_PORT,
  EITHER_PORT,
  TLS_PORT,
  TUNNEL,
} = process.env;
const passedOn = [
  "x-request-id",
  "traceparent",
  "tracestate",
  "x-b3-traceid",
  "x-b3-spanid",
  "x-b3-sampled",
  "x-beta-user",
];

let stats = { requests: 0, byKey: {}, byPath: {}, byPort: {} };
let inFlight = 0;
let maxInFlight = 0;

function optionOf(request, url, name) {
  return request.headers[`x-${name}`] ?? url.searchParams.get(name) ?? undefined;
}

function countAttempt(key) {
  if (key === undefined) return 1;
  stats.byKey[key] = (stats.byKey[key] ?? 0) + 1;
  return stats.byKey[key];
}

async function call(address, request) {
  const headers = Object.fromEntries(
    passedOn.flatMap((name) => (request.headers[name] ? [[name, request.headers[name]]] : [])),
  );
  try {
    const response = await fetch(address, { headers });
    const text = await response.text();
    let body = text;
    try {
      body = JSON.parse(text);
    } catch {
      // not JSON: shown as it is
    }
    return { status: response.status, headers: Object.fromEntries(response.headers), body };
  } catch (error) {
    return { status: 0, error: `${error.message}${error.cause ? `: ${error.cause.message}` : ""}` };
  }
}

function bodyOf(request) {
  return new Promise((resolve) => {
    let length = 0;
    request.on("data", (chunk) => (length += chunk.length));
    request.on("end", () => resolve(length));
    request.on("error", () => resolve(length));
  });
}

async function answer(request, response) {
  const url = new URL(request.url, "http://localhost");
  if (url.pathname === "/-/stats") {
    if (request.method === "DELETE") {
      stats = { requests: 0, byKey: {}, byPath: {}, byPort: {} };
      maxInFlight = 0;
    }
    return send(response, 200, { ...stats, inFlight, maxInFlight });
  }
  if (request.method === TUNNEL) return carryOn(request, response);
  const received = await bodyOf(request);
  stats.requests += 1;
  stats.byPath[url.pathname] = (stats.byPath[url.pathname] ?? 0) + 1;
  stats.byPort[request.socket.localPort] = (stats.byPort[request.socket.localPort] ?? 0) + 1;
  if (inFlight > Number(CAPACITY)) return send(response, 503, { version: VERSION, overloaded: true });
  const attempt = countAttempt(optionOf(request, url, "request-key"));
  const delay = Number(optionOf(request, url, "delay") ?? DELAY);
  if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
  if (attempt <= Number(optionOf(request, url, "reset") ?? 0)) return request.socket.resetAndDestroy();
  const fail = Number(optionOf(request, url, "fail") ?? 0);
  const status = Number(optionOf(request, url, "status") ?? (fail > 0 ? 503 : STATUS));
  const target = optionOf(request, url, "call");
  const called = target === undefined ? undefined : await call(target, request);
  send(response, fail > 0 && attempt > fail ? 200 : status, {
    service: SERVICE,
    version: VERSION,
    host: hostname(),
    instance: process.env.HOSTNAME ?? "",
    method: request.method,
    path: request.url,
    attempt,
    received,
    httpVersion: request.httpVersion,
    port: request.socket.localPort,
    peer: request.socket.remoteAddress,
    peerPort: request.socket.remotePort, // another one: another connection
    caller: request.socket.getPeerCertificate?.().subjectaltname,
    headers: request.headers,
    ...(called ? { called } : {}),
    ...(optionOf(request, url, "size") ? { padding: "x".repeat(Number(optionOf(request, url, "size"))) } : {}),
  });
}

function send(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}

function onRequest(request, response) {
  inFlight += 1;
  maxInFlight = Math.max(maxInFlight, inFlight);
  response.on("close", () => (inFlight -= 1));
  answer(request, response).catch((error) => {
    console.error(error);
    response.destroy();
  });
}

function onUpgrade(request, socket, head) {
  socket.on("error", () => {});
  socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
  socket.write(`${SERVICE} ${VERSION}\n`);
  socket.write(head);
  socket.pipe(socket);
}

function carryOn(request, response) {
  const what = `${request.method} ${request.headers.host}`;
  stats.byPath[what] = (stats.byPath[what] ?? 0) + 1;
  const target = new URL(`tcp://${request.headers.host}`);
  const onward = connect(Number(target.port), target.hostname, () => response.writeHead(200).flushHeaders());
  request.pipe(onward).pipe(response);
  for (const side of [request, response, onward])
    side.on("error", () => [request, onward].forEach((one) => one.destroy()));
}

function onConnect(request, socket, head) {
  stats.byPath[`CONNECT ${request.url}`] = (stats.byPath[`CONNECT ${request.url}`] ?? 0) + 1;
  const target = new URL(`tcp://${request.url}`);
  const onward = connect(Number(target.port), target.hostname, () => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    onward.write(head);
    socket.pipe(onward).pipe(socket);
  });
  for (const side of [socket, onward]) side.on("error", () => [socket, onward].forEach((one) => one.destroy()));
}

function listen(server, port) {
  server.keepAliveTimeout = 120_000; // longer than any proxy keeps an idle connection: no race between the two
  server.on("upgrade", onUpgrade);
  server.on("connect", onConnect);
  server.listen(Number(port), () => console.log(`${SERVICE} ${VERSION} on ${port}`));
}

for (const port of PORT.split(",")) listen(createServer(onRequest), port);
if (H2_PORT) listen(createHttp2Server(onRequest), H2_PORT);
if (EITHER_PORT) {
  createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (head) => {
      const isHttp2 = head.toString("latin1").startsWith("PRI ");
      const onward = connect(Number(isHttp2 ? H2_PORT : PORT.split(",")[0]), "127.0.0.1");
      onward.on("error", () => socket.destroy());
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
  }).listen(Number(EITHER_PORT));
}
if (TLS_PORT) {
  const { TLS_CERT: cert, TLS_KEY: key, TLS_CA: ca } = process.env;
  listen(createHttpsServer({ cert, key, ...(ca && { ca, requestCert: true }) }, onRequest), TLS_PORT);
}

if (TCP_PORT) {
  // Greets first, as databases do, then says everything back.
  createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.write(`${SERVICE} ${VERSION}\n`);
    socket.pipe(socket);
  }).listen(Number(TCP_PORT), () => console.log(`tcp on ${TCP_PORT}`));
}

for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));
