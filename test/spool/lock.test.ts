import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { acquireLock } from "#spool/lock.ts";
import { Spool } from "#spool/spool.ts";
import { smallSpool, temporarySpool } from "#test/support/kill-loop.ts";

const writer = join(import.meta.dirname, "../support/kill-loop-writer.ts");

test("R36 a second writer ends with 75 and names the process that holds the spool", (context) => {
  const directory = temporarySpool(context);
  const spool = Spool.open({ directory, ...smallSpool });

  const second = spawnSync(process.execPath, [writer, directory, "3"], { encoding: "utf8" });

  assert.equal(second.status, 75);
  assert.match(second.stderr, new RegExp(`holder's pid is "${process.pid}"`));
  assert.throws(() => Spool.open({ directory, ...smallSpool }), { code: "spool.locked" });
  spool.close();
  assert.equal(spawnSync(process.execPath, [writer, directory, "3"]).status, 0);
});

test("R36 of many writers that start at once over a dead one's lock just one gets the spool", async (context) => {
  const directory = temporarySpool(context);
  mkdirSync(directory);
  const self = ownLock(directory);
  symlinkSync(self.replace(/^\d+ /, "4194304 "), join(directory, "lock.7"));
  const program = `
    import { acquireLock } from "#spool/lock.ts";
    try { acquireLock(process.argv[1]); console.log("held"); }
    catch (error) { console.log(error.code); }
    process.stdin.resume();`;
  const options = ["--input-type=module", "-e", program, directory];

  const children = Array.from({ length: 8 }, () =>
    spawn(process.execPath, options, { stdio: ["pipe", "pipe", "inherit"] }),
  );
  const answers = await Promise.all(
    children.map(async ({ stdout }) => {
      for await (const line of createInterface(stdout)) return line;
      return "";
    }),
  );
  const ends = children.map((child) => once(child, "close"));
  for (const child of children) child.stdin.end();
  await Promise.all(ends);

  assert.deepEqual(answers.toSorted(), ["held", ...Array<string>(7).fill("spool.locked")]);
});

test("acquireLock() takes over from a process that ended, from another boot and from noise", (context) => {
  const directory = temporarySpool(context);
  mkdirSync(directory);
  const self = ownLock(directory);
  const [pid = "", ticks = "", boot = ""] = self.split(" ");
  const stale = [`4194304 ${ticks} ${boot}`, `${pid} 1 ${boot}`, `${pid} ${ticks} other`, "noise"];

  for (const [index, target] of stale.entries()) {
    symlinkSync(target, join(directory, `lock.${index * 10 + 20}`));
    acquireLock(directory).release();
  }

  writeFileSync(join(directory, "lock.90"), "no link at all");
  acquireLock(directory).release();
  assert.deepEqual(readdirSync(directory), ["lock.92"]);
});

function ownLock(directory: string): string {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  assert.deepEqual(readdirSync(directory), []);
  return `${process.pid} ${ticks} ${boot}`;
}
