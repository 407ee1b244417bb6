import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuditLog, type AuditLogSettings } from "#sources/audit-log.ts";
import { readAll } from "./reading.ts";

/** A folder with a log in it that is written and rotated as auditd does. */
export interface LogFolder extends Disposable {
  readonly folder: string;
  readonly path: string;
  append(text: string): void;
  /** Renames as auditd does with `num_logs` files, and makes a new log. */
  rotate(numLogs?: number): void;
  /** Opens the log for reading; closed with the folder. */
  open(settings?: Partial<AuditLogSettings>): AuditLog;
  /** Opens it, reads all, closes it: what a process does that is stopped again. */
  readOnce(settings?: Partial<AuditLogSettings>): ReturnType<typeof readAll>;
}

/** Makes an empty folder for a log, in the folder for temporary files or another one. */
export function createLogFolder(parent = tmpdir()): LogFolder {
  const folder = mkdtempSync(join(parent, "linuxguard-sources-"));
  const path = join(folder, "audit.log");
  const opened: AuditLog[] = [];
  const open = (settings: Partial<AuditLogSettings> = {}) => {
    const log = AuditLog.open({ path, from: "oldest", ...settings });
    opened.push(log);
    return log;
  };
  return {
    folder,
    path,
    open,
    append: (text) => appendFileSync(path, text),
    rotate: (numLogs = 5) => {
      renameLogs(path, numLogs);
      writeFileSync(path, "");
    },
    readOnce: (settings) => {
      const log = open(settings);
      const reading = readAll(log);
      log.close();
      return reading;
    },
    [Symbol.dispose]: () => {
      for (const log of opened) log.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Makes files until one has an inode number of those asked for; the others go. Returns its path. Others
 * may take a number that is free again, so the more are asked for, the surer it is.
 */
export function createFileWithInode(folder: string, inodes: ReadonlySet<number>): string {
  const made: string[] = [];
  for (let tries = 0; tries < 10_000; tries++) {
    const path = join(folder, `try-${tries}`);
    writeFileSync(path, "");
    made.push(path);
    if (!inodes.has(statSync(path).ino)) continue;
    for (const each of made.slice(0, -1)) rmSync(each);
    return path;
  }
  throw new Error(`No file got an inode of ${[...inodes].join()} again; ${made.length} were made`);
}

/** Renames the files of a log as auditd does that keeps so many. The log itself has no file then. */
export function renameLogs(path: string, numLogs: number): void {
  for (let number = numLogs - 2; number >= 0; number--) {
    const from = number === 0 ? path : `${path}.${number}`;
    if (existsSync(from)) renameSync(from, `${path}.${number + 1}`);
  }
}
