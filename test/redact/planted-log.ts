import type { Planted } from "./planted.ts";
import { encode, execBodies, titleOf } from "./records.ts";

/** Renders a log in which every planted secret stands in all the ways that a log may have it. */
export function plantedLog(planted: readonly Planted[]): Buffer {
  return Buffer.from(planted.map((each, index) => linesOf(each, index + 1)).join(""));
}

function linesOf(planted: Planted, number: number): string {
  const pid = 100_000 + number * 2;
  // Every tenth one has so much before it that its secret stands in a second record.
  const isLong = number % 10 === 0;
  const args = isLong ? ["env", `FILL=${"x".repeat(7_300)}`, ...planted.args] : planted.args;
  const events = [
    execOf(args, pid, 1),
    [call(pid, 1, 257), title(args)],
    // A child, whose event names its parent's command line, too.
    [call(pid + 1, pid, 257), title(args)],
    ...told(planted, number),
  ];
  return events
    .map((records, index) => {
      const stamp = `msg=audit(${1_700_000_000 + number}.${100 + index}:${number * 10 + index}):`;
      return records.map(([type, body]) => `type=${type} ${stamp} ${body}\n`).join("");
    })
    .join(broken(args, number));
}

type Body = readonly [type: string, body: string];

function execOf(args: readonly string[], pid: number, ppid: number): readonly Body[] {
  return [
    call(pid, ppid, 59),
    ...execBodies(args).map((body): Body => ["EXECVE", body]),
    ["CWD", 'cwd="/root"'],
    title(args),
  ];
}

function call(pid: number, ppid: number, syscall: number): Body {
  const body = `arch=c000003e syscall=${syscall} success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=0 ppid=${ppid} pid=${pid} auid=0 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=1 comm="c" exe="/usr/bin/c" key=(null)`;
  return ["SYSCALL", body];
}

function title(args: readonly string[]): Body {
  return ["PROCTITLE", `proctitle=${titleOf(args)}`];
}

/** What sudo tells, and what a terminal's keys were; both lose which words were one. */
function told({ args, secret }: Planted, number: number): readonly (readonly Body[])[] {
  if (/\s/.test(secret)) return [];
  const line = args.join(" ");
  const command = `pid=1 uid=0 auid=0 ses=1 msg='cwd="/" cmd=${encode(line)} exe="/usr/bin/sudo" terminal=pts/0 res=success'`;
  const typed = `${line}\rexit\r`;
  const keys = `tty pid=1 uid=0 auid=0 ses=1 major=136 minor=0 comm="bash" data=${Buffer.from(typed).toString("hex").toUpperCase()}`;
  const isQuotable = !/[&;|$!"'\\]/.test(secret);
  return [
    [["USER_CMD", command]],
    ...(isQuotable && number % 3 === 0 ? [[["TTY", keys] as const]] : []),
  ];
}

/** A line that is no record and looks like one. */
function broken(args: readonly string[], number: number): string {
  if (number % 4 !== 0) return "";
  return `type=EXECVE msg=audit(${number}): ${execBodies(args).join(" ")}\n`;
}
