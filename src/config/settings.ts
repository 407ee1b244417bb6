import { dirname, join } from "node:path";
import { footprint } from "#product/footprint.ts";
import { identity } from "#product/identity.ts";
import {
  choice,
  count,
  duration,
  hostName,
  httpsUrl,
  optionalPath,
  optionalProxy,
  path,
  pins,
  type Setting,
  size,
  yesNo,
} from "./setting.ts";

const KiB = 1_024;
const MiB = 1_048_576;
const GiB = 1_073_741_824;

/** One section of linuxguard.conf. */
export interface Section {
  readonly help: string;
  readonly settings: Readonly<Record<string, Setting<unknown>>>;
}

/**
 * Every setting of linuxguard.conf. Types, sample file, man page and completions come from these rows;
 * the key in the file is the name of the row in snake case.
 */
export const sections = {
  host: {
    help: "The host as events name it.",
    settings: {
      name: hostName("Name of this host in events. Empty: the name that the kernel has."),
    },
  },
  audit: {
    help: "Where audit records come from.",
    settings: {
      logFile: path(
        "The log that auditd writes, as log_file in auditd.conf(5). Rotated files are found beside it.",
        identity.auditLog,
      ),
    },
  },
  enrich: {
    help: "What is added to events that the log does not say.",
    settings: {
      processes: yesNo(
        "Keep a table of processes, so that events name parents and ancestors.",
        true,
      ),
      containers: yesNo("Name the container and the systemd unit of a process.", true),
      names: yesNo("Give users and groups their names as this host knows them.", true),
    },
  },
  privacy: {
    help: "What leaves no trace in events.",
    settings: {
      redactSecrets: yesNo(
        "Replace passwords, tokens and keys in command lines by <redacted:DIGEST>; equal ones of this installation have equal digests.",
        true,
      ),
    },
  },
  records: {
    help: "The records as logged, which travel beside each event.",
    settings: {
      keep: choice(
        "Which events carry their records as logged: all, only odd ones (incomplete, or with records of an unusual form), or none.",
        "all",
        ["all", "odd", "none"],
      ),
      size: size("The most bytes of records that one event carries.", 64 * KiB, [KiB, MiB]),
    },
  },
  quarantine: {
    help: "Lines that are no audit records.",
    settings: {
      linesPerMinute: count(
        "How many such lines are delivered as they are each minute; the rest is counted.",
        100,
        [0, 100_000],
      ),
    },
  },
  spool: {
    help: "The durable queue of events on disk.",
    settings: {
      directory: path("Where it lies.", join(identity.stateDirectory, "spool")),
      size: size(
        "The most bytes that it takes. When they are spent, the oldest events go and are counted.",
        GiB,
        // A quarter of it holds the largest batch.
        [64 * MiB, 1_024 * GiB],
      ),
      segmentSize: size(
        "Size at which a file of the spool is closed and the next begun; a quarter of the spool at most.",
        16 * MiB,
        [64 * KiB, GiB],
      ),
      freeFloor: size(
        "Bytes that stay free on the file system whatever the spool may take.",
        256 * MiB,
        [0, 1_024 * GiB],
      ),
      compressionLevel: count("Level of zstd(1): 1 is the fastest, 19 the smallest.", 1, [1, 19]),
      flushInterval: duration(
        "Longest time that an event waits before it is on disk.",
        100,
        [10, 60_000],
      ),
      flushSize: size("Events are written at once when there are this many bytes of them.", MiB, [
        4 * KiB,
        16 * MiB,
      ]),
    },
  },
  console: {
    help: "The console that events are sent to.",
    settings: {
      url: httpsUrl("Where the console is.", "https://api.linuxguard.io/v1/"),
      expected: yesNo(
        "Whether a console is to have the events of this host. If so, a spool that fills up before one has them drops what is of low severity first; if not, what is oldest.",
        true,
      ),
      caFile: optionalPath(
        "Certificates, in PEM, of whom the console's must come from. Empty: the authorities of this system, or the one that the enrolment token names.",
      ),
      proxy: optionalProxy("A proxy that connects to the console and sees no more than its name."),
      tlsMinimum: choice("The oldest version of TLS.", "1.3", ["1.3", "1.2"]),
      pins: pins(
        "SHA-256 hashes of public keys, of which the console or one of its authorities must have one.",
      ),
      deadline: duration("The longest time that one request may take.", 30_000, [1_000, 600_000]),
      retrySpread: duration(
        "A console that is gone is tried again after a random time up to this, so that not all hosts come at once.",
        120_000,
        [0, 3_600_000],
      ),
      heartbeatInterval: duration(
        "How often the console is told how the agent fares.",
        60_000,
        [1_000, 3_600_000],
      ),
    },
  },
  agent: {
    help: "The agent itself.",
    settings: {
      stateDirectory: path(
        "Where it keeps what is to outlast a restart, beside the spool.",
        identity.stateDirectory,
      ),
      runtimeDirectory: path(
        "Where it says every second how it fares, for linuxguard status.",
        identity.runtimeDirectory,
      ),
      hangLimit: duration(
        "How long it may hang before it ends itself, so that the service manager starts it again.",
        60_000,
        [5_000, 3_600_000],
      ),
    },
  },
  canary: {
    help: "The act by which the agent proves that it sees what happens.",
    settings: {
      interval: duration("How often it acts.", 300_000, [1_000, 86_400_000]),
      directory: path(
        "Where it asks for a directory that it may not make. An audit rule must watch it for writes; where there is none, it does not act.",
        dirname(footprint.rulesDirectory),
      ),
    },
  },
  log: {
    help: "What the agent tells of itself.",
    settings: {
      directory: path("Where its log files lie.", identity.logDirectory),
      level: choice("The least severe messages that are logged.", "info", [
        "error",
        "warn",
        "info",
        "debug",
      ]),
      fileSize: size("Size at which a log file is closed and the next begun.", 10 * MiB, [
        64 * KiB,
        GiB,
      ]),
      files: count("Log files kept, the current one included.", 5, [1, 100]),
    },
  },
} as const satisfies Readonly<Record<string, Section>>;

type Sections = typeof sections;
type Value<S> = S extends Setting<infer T> ? T : never;

/** All settings, checked. Durations are in milliseconds, sizes in bytes. */
export type Config = {
  readonly [S in keyof Sections]: {
    readonly [K in keyof Sections[S]["settings"]]: Value<Sections[S]["settings"][K]>;
  };
};
