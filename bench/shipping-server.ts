import { once } from "node:events";
import { open } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { Authority } from "#test/support/console/authority.ts";
import { batchHeaderNames } from "#wire/batch-headers.ts";

const dayMs = 86_400_000;

/**
 * Runs a server in a folder that believes every batch and stores it, so that what is measured is the
 * way there: TLS 1.3 both ways, one file, synced before each answer. Prints its port.
 */
async function main([folder = "", file = ""]: readonly string[]): Promise<void> {
  const nowMs = Date.now();
  const authority = await Authority.open(folder, nowMs);
  const validity = { fromMs: nowMs - dayMs, untilMs: nowMs + dayMs };
  const server = createServer({
    ...(await authority.createServerIdentity(["localhost"], validity)),
    ca: authority.pem,
    minVersion: "TLSv1.3",
    requestCert: true,
    rejectUnauthorized: true,
  });
  const store = await open(file, "w");
  server.on("request", (request, response) => {
    buffer(request).then(async (body) => {
      const sequence = Number(request.headers[batchHeaderNames.sequence] ?? 0);
      if (sequence === 1) await store.truncate();
      await store.appendFile(body);
      await store.datasync();
      const console_time = new Date().toISOString();
      response.end(JSON.stringify({ accepted_through: sequence, console_time }));
    }, fail);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
}

function fail(error: unknown): void {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
}

void main(process.argv.slice(2));
