import { exitCodes } from "#base/failure.ts";
import { identity } from "#product/identity.ts";
import { type Command, configOption, type Handler } from "./command.ts";
import { configureCommand } from "./configure-command.ts";
import { helpCommand } from "./help-command.ts";
import { versionCommand, versionOption } from "./version-command.ts";

/** Creates the table of the daemon's commands around what runs it. */
export function createAgentProgram(run: Handler): Command {
  return {
    name: identity.agent,
    summary: "collect events from the audit log",
    description: [
      "Reads the log of auditd, turns its records into events and keeps them in a durable spool. It never runs as root: it needs to read the log, and nothing else.",
      `What it collected is shown by ${identity.cli} events.`,
    ],
    options: [versionOption],
    commands: [createRunCommand(run), configureCommand, versionCommand, helpCommand],
  };
}

function createRunCommand(run: Handler): Command {
  return {
    name: "run",
    summary: "Run the agent in the foreground",
    description: [
      "Runs until SIGTERM or SIGINT; then it writes what it holds and ends. SIGHUP makes it read its settings again and open its log file by name again. The service manager is to start it again should it end.",
    ],
    options: [configOption],
    exitCodes: {
      [exitCodes["source.unreadable"]]: "The audit log cannot be read.",
      [exitCodes["spool.unusable"]]: "The spool cannot be used.",
      [exitCodes["spool.locked"]]: "Another agent has the spool.",
      [exitCodes["run.refused"]]: "It was started as root.",
      [exitCodes["config.invalid"]]: "The configuration has mistakes.",
    },
    run,
  };
}
