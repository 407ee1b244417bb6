import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lchownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { bundle } from "#build/binary/bundle.ts";
import type { AgentStatus } from "#model/status.ts";

/** A user that no test host has. */
const agentUid = 61_998;
/** As the service has it. */
const serviceEnvironment = { MALLOC_ARENA_MAX: "1" };

/** How one run of the agent ended. */
export interface AgentEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** One process of the agent. */
export interface AgentRun {
  readonly pid: number;
  readonly ended: Promise<AgentEnd>;
  signal(signal: NodeJS.Signals): void;
}

/**
 * A place where the real agent runs, bundled to one script, as a user without rights: its settings,
 * log and spool lie in a temporary folder.
 */
export class TestAgent implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "linuxguard-agent-"));
  readonly logFile: string;
  readonly configFile = join(this.folder, "linuxguard.conf");
  readonly spoolDirectory = join(this.folder, "state", "spool");
  readonly statusFile = join(this.folder, "run", "status.json");
  readonly #runs = new Set<ChildProcess>();

  private constructor(logFile: string | undefined) {
    this.logFile = logFile ?? join(this.folder, "audit", "audit.log");
  }

  /** Prepares a place; the log to read is in it unless another one is named. */
  static async create(logFile?: string): Promise<TestAgent> {
    const { text: script } = await bundle("src/main.ts");
    const agent = new TestAgent(logFile);
    chmodSync(agent.folder, 0o755);
    for (const name of ["audit", "state", "state/spool", "run", "log"]) {
      mkdirSync(join(agent.folder, name), { mode: 0o755 });
      agent.give(join(agent.folder, name));
    }
    placeNode(join(agent.folder, "node"));
    writeFileSync(join(agent.folder, "agent.cjs"), script);
    agent.configure({});
    return agent;
  }

  /** Writes the settings; `more` is by section. */
  configure(more: Readonly<Record<string, readonly string[]>>): void {
    const sections: Readonly<Record<string, readonly string[]>> = {
      audit: [`log_file = ${this.logFile}`],
      spool: [`directory = ${this.spoolDirectory}`],
      agent: [
        `state_directory = ${join(this.folder, "state")}`,
        `runtime_directory = ${join(this.folder, "run")}`,
      ],
      log: [`directory = ${join(this.folder, "log")}`],
    };
    const names = new Set([...Object.keys(sections), ...Object.keys(more)]);
    const lines = [...names].flatMap((name) => [
      `[${name}]`,
      ...(sections[name] ?? []),
      ...(more[name] ?? []),
    ]);
    writeFileSync(this.configFile, `${lines.join("\n")}\n`);
  }

  /**
   * Starts `linuxguard-agent run`: in one group more if asked, or as root, which it refuses; with
   * options for Node and `NAME=VALUE` in its environment; as the program of that name in the folder if
   * there is one.
   */
  start({
    asRoot = false,
    group = "",
    nodeOptions = [] as readonly string[],
    environment = [] as readonly string[],
  } = {}): AgentRun {
    const binary = join(this.folder, "linuxguard-agent");
    const node = join(this.folder, "node");
    const script = [node, ...nodeOptions, join(this.folder, "agent.cjs"), "agent"];
    const own = existsSync(binary) ? [binary] : script;
    const command = [...own, "run", "--config", this.configFile];
    const prefix = [...(asRoot ? [] : prefixOf(group)), "env", ...environment];
    const [program = "", ...args] = [...prefix, ...command];
    const child = spawn(program, args, {
      stdio: ["ignore", "ignore", "pipe"],
      env: serviceEnvironment,
    });
    this.#runs.add(child);
    const stderr = text(child.stderr);
    const ended = once(child, "close").then(async ([code, signal]: unknown[]) => {
      this.#runs.delete(child);
      return { code, signal, stderr: await stderr } as AgentEnd;
    });
    return {
      pid: child.pid ?? 0,
      ended,
      signal: (signal) => {
        child.kill(signal);
      },
    };
  }

  /** Runs `linuxguard` with these arguments and the agent's settings, as the agent's user. */
  async run(...args: readonly string[]): Promise<AgentEnd & { readonly stdout: string }> {
    return await this.runIn([], ...args);
  }

  /** The same with `NAME=VALUE` in its environment. */
  async runIn(environment: readonly string[], ...args: readonly string[]) {
    const script = [join(this.folder, "node"), join(this.folder, "agent.cjs")];
    const own = ["env", ...environment, ...script, ...args];
    const [program = "", ...rest] = [...prefixOf(""), ...own, "--config", this.configFile];
    const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"], env: {} });
    const [stdout, stderr, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>,
    ]);
    return { code, signal, stdout, stderr } satisfies AgentEnd & { readonly stdout: string };
  }

  /** Where the agent looks for a token. */
  get tokenFile(): string {
    return join(this.folder, "enrolment-token");
  }

  /** Lays a token where the agent finds it. */
  layToken(token: string): void {
    writeFileSync(this.tokenFile, token);
    this.give(this.folder);
    chmodSync(this.tokenFile, 0o600);
  }

  /** Gives a folder and all in it to the agent's user. */
  give(folder: string): void {
    if (!isRoot()) return;
    for (const name of [".", ...readdirSync(folder, { recursive: true, encoding: "utf8" })]) {
      lchownSync(join(folder, name), agentUid, agentUid);
    }
  }

  /** What the agent tells of itself; `undefined` before it did. */
  status(): AgentStatus | undefined {
    if (!existsSync(this.statusFile)) return undefined;
    return JSON.parse(readFileSync(this.statusFile, "utf8")) as AgentStatus;
  }

  /** Waits until what the agent tells of itself is as wanted. */
  async until(what: string, holds: (status: AgentStatus) => boolean): Promise<AgentStatus> {
    for (let tries = 0; tries < 3_000; tries++) {
      const status = this.status();
      if (status !== undefined && holds(status)) return status;
      await sleep(20);
    }
    throw new Error(`Waited a minute in vain for ${what}: ${JSON.stringify(this.status())}`);
  }

  /** Waits until the agent's own log has a message. */
  async untilLogged(message: string): Promise<void> {
    const path = join(this.folder, "log", "linuxguard-agent.log");
    for (let tries = 0; tries < 500; tries++) {
      if (existsSync(path) && readFileSync(path, "utf8").includes(`"${message}"`)) return;
      await sleep(20);
    }
    throw new Error(`Waited 10 s in vain for the message "${message}"`);
  }

  /** Ends what still runs, and removes all. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ends = [...this.#runs].map(async (child) => await once(child, "close"));
    for (const child of this.#runs) child.kill("SIGKILL");
    await Promise.all(ends);
    rmSync(this.folder, { recursive: true });
  }
}

/** What takes root away from a command, if this process has it. */
function prefixOf(group: string): readonly string[] {
  if (!isRoot()) return [];
  const groups = group === "" ? "--clear-groups" : `--groups=${group}`;
  const ids = [`--reuid=${agentUid}`, `--regid=${agentUid}`, groups];
  return ["setpriv", ...ids, "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--"];
}

/** Whether this process is root, so that the agent must be another user. */
function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** Puts this Node where the agent's user reaches it, wherever the repository lies. */
function placeNode(path: string): void {
  try {
    linkSync(process.execPath, path);
  } catch {
    copyFileSync(process.execPath, path);
  }
}
