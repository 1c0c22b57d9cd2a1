import { protocolFor } from "./protocol.ts";

describe("protocol selection", () => {
  it.each([
    ["http", undefined, 80, "HTTP"],
    ["HTTP-web", undefined, 80, "HTTP"],
    ["http2-api", undefined, 80, "HTTP2"],
    ["grpc", undefined, 80, "GRPC"],
    ["grpc-web-x", undefined, 80, "GRPC-Web"],
    ["https", undefined, 443, "HTTPS"],
    ["tls-sni", undefined, 443, "TLS"],
    ["tcp", undefined, 80, "TCP"],
    ["redis", undefined, 6379, "REDIS"],
    ["httpx", undefined, 80, "AUTO"],
    ["", undefined, 8080, "AUTO"],
    ["db", undefined, 3306, "TCP"],
    ["http-db", undefined, 3306, "HTTP"],
    ["tcp", "http", 80, "HTTP"],
    ["tcp", "kubernetes.io/h2c", 80, "HTTP2"],
    ["tcp", "kubernetes.io/ws", 80, "HTTP"],
    ["tcp", "kubernetes.io/wss", 443, "HTTPS"],
    ["http", "example.com/own", 80, "AUTO"],
    ["constructor", undefined, 80, "AUTO"],
  ] as const)("takes name %s, appProtocol %s, port %s as %s", (name, appProtocol, port, expected) => {
    expect(protocolFor(name, appProtocol, port)).toBe(expected);
  });
});
