import { fstatSync } from "node:fs";
import { isatty } from "node:tty";
import type { LineForm } from "./render-line.ts";

const stderrFd = 2;

/**
 * Tells how lines on standard error are best shown, from what it is connected to.
 *
 * Source: systemd.exec(5), `$JOURNAL_STREAM`: device and inode of the journal's socket.
 */
export function detectStderrForm(environment: NodeJS.ProcessEnv): LineForm {
  if (isatty(stderrFd)) return "terminal";
  const { dev, ino } = fstatSync(stderrFd, { bigint: true });
  return environment.JOURNAL_STREAM === `${dev}:${ino}` ? "journal" : "json";
}
