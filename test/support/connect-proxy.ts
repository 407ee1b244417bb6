import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** A proxy on 127.0.0.1 that knows CONNECT alone, and keeps what it saw. */
export async function startConnectProxy(): Promise<{
  readonly url: string;
  /** The targets that it was asked for. */
  readonly targets: readonly string[];
  /** All bytes that went through it. */
  seen(): Buffer;
  stop(): Promise<void>;
}> {
  const targets: string[] = [];
  const chunks: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on("connect", (request, client: Socket) => {
    targets.push(request.url ?? "");
    const [, port] = (request.url ?? "").split(":");
    const console = connect(Number(port), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connected\r\n\r\n");
      for (const [from, to] of [
        [client, console],
        [console, client],
      ] as const) {
        from.on("data", (bytes: Buffer) => chunks.push(bytes));
        from.pipe(to);
      }
    });
    for (const socket of [client, console]) {
      sockets.add(socket);
      socket.on("error", () => client.destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets,
    seen: () => Buffer.concat(chunks),
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
