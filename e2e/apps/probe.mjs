// One conversation that is no plain HTTP/1.1 request. Knows nothing of the mesh. Reads from standard input:
//   { host, port, send, until, servername, ca, cert, key, minVersion, maxVersion, ciphers }: opens a connection (TLS where servername is given), writes `send`, reads until the text
//     `until` has come or the other side ends, and prints { received, error }, and of TLS the peer's { subject, protocol, cipher }.
//   { h2: url, headers, body }: one request over HTTP/2 without TLS; prints { status, headers, body, trailers, error }.
// After `timeoutMs` (5000) it prints what there is, with the error TIMEOUT.
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";

let input = "";
for await (const chunk of process.stdin) input += chunk;
const options = JSON.parse(input);
const result = options.h2 === undefined ? { received: "" } : { status: 0, headers: {}, body: "", trailers: {} };

function finish(error) {
  process.stdout.write(`${JSON.stringify(error ? { ...result, error } : result)}\n`, () => process.exit(0));
}
setTimeout(() => finish("TIMEOUT"), options.timeoutMs ?? 5_000);

function overHttp2({ h2, headers = {}, body }) {
  const { origin, pathname, search } = new URL(h2);
  const session = connectHttp2(origin);
  session.on("error", (error) => finish(error.code ?? error.message));
  const method = body === undefined ? "GET" : "POST";
  const request = session.request({ ":path": `${pathname}${search}`, ":method": method, ...headers });
  request.on("response", ({ ":status": status, ...rest }) => Object.assign(result, { status, headers: rest }));
  request.on("trailers", (trailers) => (result.trailers = { ...trailers }));
  request.on("data", (chunk) => (result.body += chunk));
  request.on("error", (error) => finish(error.code ?? error.message));
  request.on("end", () => finish());
  request.end(body);
}

function overTcp({ host, port, send = "", until, servername, ca, ...tls }) {
  const checkServerIdentity = () => undefined; // who signed it is enough
  const socket =
    servername === undefined
      ? connect({ host, port })
      : connectTls({ ...tls, host, port, servername, ca, checkServerIdentity });
  socket.on(servername === undefined ? "connect" : "secureConnect", () => send && socket.write(send));
  socket.on("secureConnect", () => {
    const { subjectaltname } = socket.getPeerCertificate();
    Object.assign(result, { subject: subjectaltname, protocol: socket.getProtocol(), cipher: socket.getCipher().name });
  });
  socket.on("data", (chunk) => {
    result.received += chunk;
    if (until !== undefined && result.received.includes(until)) finish();
  });
  socket.on("end", () => finish());
  socket.on("error", (error) => finish(error.code ?? error.message));
}

if (options.h2 === undefined) overTcp(options);
else overHttp2(options);
