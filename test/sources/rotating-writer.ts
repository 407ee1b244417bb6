import { closeSync, openSync, writeSync } from "node:fs";
import { argv } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { renameLogs } from "./log-folder.ts";

/**
 * Writes 5,000 numbered lines a second to a log for so many milliseconds and rotates it five times a
 * second, in the order of auditd's rotate_logs; some lines in two writes. Prints how many it wrote.
 */
const [, , path = "", durationMs = "0"] = argv;
const linesPerMs = 5;
const rotateEveryMs = 200;
const startMs = performance.now();
let fd = openSync(path, "a", 0o640);
let rotatedMs = startMs;
let written = 0;
for (;;) {
  const nowMs = performance.now();
  if (nowMs - startMs >= Number(durationMs)) break;
  for (; written < (nowMs - startMs) * linesPerMs; written++) {
    const line = `${written} ${"x".repeat(written % 300)}\n`;
    const cut = written % 7 === 0 ? 4 : line.length;
    writeSync(fd, line.slice(0, cut));
    if (cut < line.length) writeSync(fd, line.slice(cut));
  }
  if (nowMs - rotatedMs >= rotateEveryMs) {
    closeSync(fd);
    renameLogs(path, 5);
    fd = openSync(path, "a", 0o640);
    rotatedMs = nowMs;
  }
  await sleep(2);
}
process.stdout.write(`${written}\n`);
