import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** A port on 127.0.0.1 that takes connections and never says a word, so TLS never begins. */
export async function startSilentServer(): Promise<{
  readonly port: number;
  stop(): Promise<void>;
}> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // The other side may go as it likes.
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { port, stop };
}
