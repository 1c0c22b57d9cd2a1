import { connect, createServer, type Server } from "node:net";

/** As kube-proxy does for a Service: a new connection goes to a replica that takes it, the first if it can. */
export function startService(ports: readonly number[]): Promise<Server> {
  const listener = createServer((client) => {
    client.on("error", () => client.destroy());
    const attempt = ([port, ...others]: readonly number[]): void => {
      if (port === undefined) return void client.destroy();
      const upstream = connect(port, "127.0.0.1");
      let isOpen = false;
      upstream.once("connect", () => {
        isOpen = true;
        client.pipe(upstream).pipe(client);
      });
      upstream.on("error", () => (isOpen ? client.destroy() : attempt(others)));
      upstream.on("close", () => isOpen && client.destroy());
      client.on("close", () => upstream.destroy());
    };
    attempt(ports);
  });
  return new Promise((resolve) => listener.listen(0, "127.0.0.1", () => resolve(listener)));
}
