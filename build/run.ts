import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { exitCodes, Failure } from "#base/failure.ts";
import { Guard } from "./run/guard.ts";
import { replayRecorded } from "./run/recorded.ts";
import { chooseSource, type Source } from "./run/source.ts";
import {
  becomeUnprivileged,
  nobodysGroup,
  stayUnprivileged,
  type Unprivileged,
} from "./run/unprivileged.ts";

const runFolder = ".run";
const agentFolder = join(runFolder, "agent");
const auditdFolder = join(runFolder, "auditd");
const recordedLog = join(runFolder, "recorded", "audit.log");
const configFile = join(runFolder, "linuxguard.conf");

/**
 * Runs the agent from source without root rights and shows events as they happen, until Ctrl-C or
 * for `--seconds`: `node build/run.ts [--seconds 20]`. Undoes what it did to the system.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seconds: { type: "string" } } });
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop.abort());
  if (values.seconds !== undefined) {
    setTimeout(() => stop.abort(), Number(values.seconds) * 1_000).unref();
  }
  const isRoot = process.getuid?.() === 0;
  const source = chooseSource(isRoot);
  rmSync(runFolder, { recursive: true, force: true });
  mkdirSync(agentFolder, { recursive: true, mode: 0o755 });
  const user = chooseUser(isRoot, source);
  let guard: Guard | undefined;
  try {
    chownSync(agentFolder, user.uid, user.gid);
    guard = await startGuard(source, user);
    tell(source, user, guard);
    writeFileSync(configFile, renderConfig(user.root, logFileOf(source, user)));
    await runPrograms(source, user, stop);
  } finally {
    await guard?.stop();
    user.undo();
  }
}

function chooseUser(isRoot: boolean, { kind }: Source): Unprivileged {
  const root = process.cwd();
  if (!isRoot) return stayUnprivileged(root);
  const program = relative(root, process.execPath);
  return becomeUnprivileged(root, program, kind === "private" ? nobodysGroup() : undefined);
}

async function startGuard(source: Source, { uid, gid }: Unprivileged): Promise<Guard | undefined> {
  switch (source.kind) {
    case "live":
      return await Guard.live(source.logFile, uid);
    case "private":
      configureAuditd(gid);
      return await Guard.private(resolve(auditdFolder));
    case "readable":
      return undefined;
    case "recorded":
      mkdirSync(join(recordedLog, ".."), { recursive: true });
      writeFileSync(recordedLog, "");
      return undefined;
    default:
      return source satisfies never;
  }
}

/** Its log is for root and for the group of nobody, in a folder that only the agent's group may enter. */
function configureAuditd(gid: number): void {
  for (const name of ["conf", "log", "plugins"]) {
    mkdirSync(join(auditdFolder, name), { recursive: true, mode: 0o750 });
  }
  chmodSync(auditdFolder, 0o750);
  chownSync(auditdFolder, 0, gid);
  const settings = {
    log_file: resolve(auditdFolder, "log/audit.log"),
    log_group: nobodysGroup(),
    log_format: "ENRICHED",
    flush: "INCREMENTAL_ASYNC",
    freq: 50,
    max_log_file: 8,
    num_logs: 5,
    max_log_file_action: "ROTATE",
    space_left: 75,
    space_left_action: "SYSLOG",
    admin_space_left: 50,
    admin_space_left_action: "SUSPEND",
    disk_full_action: "SUSPEND",
    disk_error_action: "SUSPEND",
    plugin_dir: resolve(auditdFolder, "plugins"),
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`);
  writeFileSync(join(auditdFolder, "conf/auditd.conf"), lines.join(""), { mode: 0o640 });
}

/** The log's path as the agent sees it. */
function logFileOf(source: Source, { root }: Unprivileged): string {
  switch (source.kind) {
    case "live":
    case "readable":
      return source.logFile;
    case "private":
      return join(root, auditdFolder, "log/audit.log");
    case "recorded":
      return join(root, recordedLog);
    default:
      return source satisfies never;
  }
}

function renderConfig(root: string, logFile: string): string {
  return `[audit]
log_file = ${logFile}

[spool]
directory = ${join(root, agentFolder, "spool")}
size = 256MiB

[console]
expected = no

[agent]
state_directory = ${join(root, agentFolder)}
runtime_directory = ${join(root, agentFolder, "run")}

[log]
directory = ${join(root, agentFolder, "log")}
`;
}

/** Says what is read, why, and by whom. */
function tell(source: Source, { uid }: Unprivileged, guard: Guard | undefined): void {
  const what = {
    live: "the live audit log of this host",
    readable: "the live audit log of this host",
    private: "the live audit log of this host, by an auditd of our own",
    recorded: "a recorded audit log",
  }[source.kind];
  const rules = guard === undefined ? "" : `; ${guard.rules} audit rules added`;
  process.stderr.write(`Source: ${what}, as ${source.why}${rules}\n`);
  process.stderr.write(`The agent runs as user id ${uid}; its state lies in ${agentFolder}\n\n`);
}

/** Runs the agent, and beside it the tool that shows its events, until it is time to stop. */
async function runPrograms(
  source: Source,
  user: Unprivileged,
  stop: AbortController,
): Promise<void> {
  const { signal } = stop;
  const agent = start(user, ["agent", "run"]);
  void once(agent, "exit").then(() => stop.abort());
  const replay =
    source.kind === "recorded" ? replayRecorded(recordedLog, signal) : Promise.resolve();
  await untilSpooled(signal);
  const events = signal.aborted ? undefined : start(user, ["events", "--follow"]);
  if (!signal.aborted) await once(signal, "abort");
  await replay;
  const isEarly = agent.exitCode !== null;
  await end(agent);
  await end(events);
  if (isEarly) process.stderr.write("The agent ended by itself: see above\n");
  process.exitCode = isEarly || agent.exitCode !== 0 ? 1 : 0;
}

/** Starts one of our programs from source. The terminal's interrupt is for us: we end them in order. */
function start({ prefix, root }: Unprivileged, args: readonly string[]): ChildProcess {
  const node = join(root, relative(process.cwd(), process.execPath));
  const main = [join(root, "src/main.ts"), ...args, `--config=${join(root, configFile)}`];
  const [program = "", ...rest] = [...prefix, node, ...main];
  return spawn(program, rest, { detached: true, stdio: ["ignore", "inherit", "inherit"] });
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

/** Waits until the agent has made its spool. */
async function untilSpooled(signal: AbortSignal): Promise<void> {
  while (!signal.aborted && globSync(join(agentFolder, "spool/*")).length === 0) {
    await sleep(50, undefined, { signal }).catch(() => undefined);
  }
}

main().catch((error: unknown) => {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`${error.message}\n${error.hint}\n`);
  process.exitCode = exitCodes[error.code];
});
