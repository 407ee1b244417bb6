import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createLookup } from "#ship/lookup.ts";
import type { TransportSettings } from "#ship/transport.ts";
import { Authority } from "./console/authority.ts";
import { type Console, type ConsoleSettings, startConsole } from "./console/console.ts";
import type { Fault } from "./console/faults.ts";
import { startSilentServer } from "./console/silent-server.ts";

/** What goes wrong for one agent. */
export interface Trouble {
  /** Of every batch, or of every request. */
  readonly fault?: Fault;
  readonly befalls?: "all";
  readonly transport?: Partial<TransportSettings>;
  /** When the agent's certificate ends, by its own clock. */
  readonly notAfterMs?: number;
  /** How many events there are to deliver; 4 if nothing is said. */
  readonly events?: number;
}

const dayMs = 86_400_000;

/** Servers that are no good, beside the console, and what they make go wrong. */
export class Troubles implements AsyncDisposable {
  readonly #folder: string;
  readonly #stops: (() => Promise<void>)[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes what each name of the table of faults stands for; a number is a status that is answered. */
  async create(name: string): Promise<Trouble> {
    if (/^\d{3}$/.test(name)) return ofStatus(Number(name));
    const make = this.#named[name];
    if (make === undefined) throw new Error(`Cannot make the fault "${name}"`);
    return await make();
  }

  /** The names of all faults that are no status alone. */
  get names(): readonly string[] {
    return Object.keys(this.#named);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#stops.map(async (stop) => await stop()));
  }

  readonly #named: Readonly<Record<string, () => Trouble | Promise<Trouble>>> = {
    "200 of a stranger": () => answer(200, "<html>welcome</html>"),
    "409 of a stranger": () => answer(409, ""),
    "200 for less": () => answer(200, '{"accepted_through":0}'),
    "400 to everything": () => ({ ...answer(400, ""), events: 64 }),
    "403 agent.revoked": () => refusal(403, "agent.revoked"),
    "401 certificate.expired": () => ({
      ...refusal(401, "certificate.expired"),
      notAfterMs: Date.now() - 1,
    }),
    "401 too early": () => refusal(401, "certificate.expired"),
    cut: () => ({ fault: { kind: "cut" } }),
    "lost answer": () => ({ fault: { kind: "cut", isStored: true } }),
    silence: () => ({ fault: { kind: "silence" } }),
    drip: () => ({ fault: { kind: "drip", intervalMs: 100 } }),
    endless: () => ({ fault: { kind: "endless" } }),
    bomb: () => ({ fault: { kind: "bomb", sizeBytes: 50_000_000 } }),
    "half-open": async () => {
      const { port, stop } = await startSilentServer();
      this.#stops.push(stop);
      return at(port);
    },
    "nobody listens": async () => {
      const { port, stop } = await startSilentServer();
      await stop();
      return at(port);
    },
    "no such name": () => looking(async () => await Promise.reject(noName())),
    "name service hangs": () => looking(async () => await new Promise<never>(() => {})),
    "another authority": async () => ({ transport: { url: (await this.#console({})).url } }),
    "another name": async () => await this.#other({ names: ["other.example"] }),
    "too old a TLS": async () => await this.#other({ tlsVersion: "TLSv1.2" }),
    "another key": () => ({ transport: { pins: ["0".repeat(64)] } }),
    "its certificate is over": async () => await this.#other({ serverLifeMs: -3_600_000 }),
    "its certificate is not good yet": async () =>
      await this.#other({ now: () => Date.now() + 10 * dayMs }),
    "ours is not taken": async () => await this.#strict(),
    "ours is damaged": () => ({ transport: { certificatePem: "none", keyPem: "none" } }),
  };

  async #other(settings: Partial<ConsoleSettings>): Promise<Trouble> {
    const { url, ca } = await this.#console(settings);
    return { transport: { url, authorityPem: ca } };
  }

  async #console(settings: Partial<ConsoleSettings>): Promise<Console> {
    const folder = join(this.#folder, String(this.#stops.length));
    const console = await startConsole({ folder, ...settings });
    this.#stops.push(async () => await console.stop());
    return console;
  }

  /** A server whose TLS lets in only who was certified by its own authority; Node's own would say no word. */
  async #strict(): Promise<Trouble> {
    const folder = join(this.#folder, "strict");
    const authority = await Authority.open(folder, Date.now());
    const validity = { fromMs: Date.now() - dayMs, untilMs: Date.now() + dayMs };
    const { key, cert } = await authority.createServerIdentity(["localhost"], validity);
    writeFileSync(join(folder, "server.pem"), `${key}\n${cert}`, { mode: 0o600 });
    writeFileSync(join(folder, "ca.pem"), authority.pem);
    const server = spawn("python3", ["-c", strictServer, folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exit = once(server, "exit");
    this.#stops.push(async () => {
      server.kill();
      await exit;
    });
    const [port] = (await Promise.race([once(server.stdout, "data"), exit])) as unknown[];
    return { transport: { ...at(Number(port)).transport, authorityPem: authority.pem } };
  }
}

const strictServer = `
import socket, ssl, sys, time
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=sys.argv[1] + "/ca.pem")
context.load_cert_chain(sys.argv[1] + "/server.pem")
context.verify_mode = ssl.CERT_REQUIRED
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    connection, _ = listener.accept()
    secure = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
    try:
        secure.do_handshake()
    except OSError:
        # If it closed at once, the kernel might drop the alert.
        time.sleep(0.3)
    secure.close()
`;

function ofStatus(status: number): Trouble {
  const isTaken = status < 300 || status === 409;
  if (isTaken) {
    const body = '{"accepted_through":1}';
    return { fault: { kind: "answer", status, body, isStored: true } };
  }
  const isRefused = status === 401 || status === 403;
  const headers = { location: "http://127.0.0.1:1/" };
  const fault: Fault = { kind: "answer", status, headers };
  return { fault, ...(isRefused && { befalls: "all" }) };
}

function answer(status: number, body: string): Trouble {
  return { fault: { kind: "answer", status, body } };
}

function refusal(status: number, code: string): Trouble {
  return { ...answer(status, JSON.stringify({ code, message: "No" })), befalls: "all" };
}

function at(port: number): Trouble {
  return { transport: { url: `https://localhost:${port}/v1/` } };
}

function looking(ask: () => Promise<never>): Trouble {
  return { transport: { lookup: createLookup(ask, 200) } };
}

function noName(): Error {
  return Object.assign(new Error("No such name"), { code: "ENOTFOUND" });
}
