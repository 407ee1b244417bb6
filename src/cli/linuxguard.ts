import { exitCodes } from "#base/failure.ts";
import { identity } from "#product/identity.ts";
import { type Command, colorOption, configOption, jsonOption } from "./command.ts";
import { configCommand } from "./config-command.ts";
import { doctorCommand } from "./doctor-command.ts";
import { enrollCommand } from "./enroll-command.ts";
import { exportCommand } from "./export-command.ts";
import { helpCommand } from "./help-command.ts";
import { importCommand } from "./import-command.ts";
import { replayCommand } from "./replay-command.ts";
import { spoolCommand } from "./spool-command.ts";
import { statusCommand } from "./status-command.ts";
import { supportBundleCommand } from "./support-bundle-command.ts";
import { verifyCommand } from "./verify-command.ts";
import { versionCommand, versionOption } from "./version-command.ts";

const eventsCommand: Command = {
  name: "events",
  summary: "Show events",
  description: [
    "Shows the events in the spool, oldest first, one a line: time, host, action, user, process, object and outcome. Times are in UTC. Where the login user, the user and the effective user differ, they are joined by arrows.",
    "A filter names a field of the event by its path in the Elastic Common Schema; only events that pass all filters are shown. * stands for any text, so FIELD=* asks for events that have the field. With != an event passes if no value of the field fits.",
  ],
  arguments: [
    {
      name: "FILTER",
      help: "FIELD=VALUE or FIELD!=VALUE, such as event.action=executed.",
      isRepeated: true,
    },
  ],
  options: [
    {
      name: "follow",
      short: "f",
      help: "Goes on with events as they come. Shows the last 10 first, unless --lines or --since tells otherwise.",
    },
    {
      name: "lines",
      short: "n",
      value: { name: "COUNT" },
      help: "Shows only the last COUNT events of those that are there.",
    },
    {
      name: "since",
      value: { name: "TIME" },
      help: "Shows events from TIME on: 10m (ago), 2h, today, yesterday, 2026-11-23, 2026-11-23T03:19, @SECONDS. Without a zone the time is local.",
    },
    { name: "until", value: { name: "TIME" }, help: "Shows events up to TIME." },
    jsonOption,
    colorOption,
    configOption,
  ],
  exitCodes: {
    [exitCodes["spool.unusable"]]: "There is no spool, or it may not be read.",
    [exitCodes["config.invalid"]]: "The configuration has mistakes.",
  },
  examples: [
    {
      line: "linuxguard events --follow",
      help: "Shows what happens as it happens.",
    },
    {
      line: "linuxguard events --since=1h user.audit.name=alice event.outcome=failure",
      help: "Shows what alice was refused in the last hour.",
    },
    {
      line: "linuxguard events --json 'file.path=/etc/*' 'process.name!=dpkg'",
      help: "Writes events on files below /etc that dpkg did not cause, as JSON.",
    },
  ],
  run: async (invocation, io) =>
    await (await import("./events-command.ts")).runEvents(invocation, io),
};

/** The command line tool. */
export const linuxguard: Command = {
  name: identity.cli,
  summary: "show what the audit log tells of this host",
  description: [
    `Shows events that ${identity.agent} collected from the audit log, and looks after its settings.`,
  ],
  options: [versionOption],
  commands: [
    eventsCommand,
    replayCommand,
    statusCommand,
    spoolCommand,
    enrollCommand,
    exportCommand,
    importCommand,
    configCommand,
    verifyCommand,
    supportBundleCommand,
    doctorCommand,
    versionCommand,
    helpCommand,
  ],
};
