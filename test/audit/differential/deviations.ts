import { tokeniseBody } from "#audit/decode/message.ts";
import { bytesOf, latin1 } from "#audit/decode/scan.ts";
import type { Difference } from "#test/audit/differential/difference.ts";

/** A kind of difference that is agreed on. */
export interface Deviation {
  readonly kind: string;
  /** Why we do not do as auparse does. */
  readonly why: string;
  readonly explains: (difference: Difference) => boolean;
}

/** Fields with flags, requests and small numbers that auparse names and we hand on as numbers. */
const namedNumbers = new Set(
  "a0 a1 a2 a3 flags per oflag resolve family list prom old_prom nl-mcgrp resp res sigev_signo sig".split(
    " ",
  ),
);

/**
 * All that auparse 3.0.9 and we see differently, and why. Whatever is not in this list is a fault of
 * ours, or a new row with its reason.
 */
export const deviations: readonly Deviation[] = [
  {
    kind: "named-number",
    why: "auparse names flags, requests and results; the document has them as logged, and named where ECS has a place",
    explains: ({ what, key, logged, oracle, ours }) =>
      what === "value" &&
      namedNumbers.has(key) &&
      isNumber(logged, ours) &&
      !isNumber(logged, oracle),
  },
  {
    kind: "value-with-spaces",
    why: "auparse ends a value at its first space, even between quotes; a program's words go on to the next key, and a quoted value to its quote",
    explains: (difference) => difference.what === "field" && isPieceOfValue(difference),
  },
  {
    kind: "empty-value",
    why: "auparse drops a field without a value; we keep its key",
    explains: ({ what, oracle, ours }) =>
      what === "field" && oracle === "absent" && /^[^=]*=$/.test(ours),
  },
  {
    kind: "stamp-in-message",
    why: "auparse drops msg=audit(…) wherever it stands, also where a program wrote it to deceive",
    explains: ({ what, oracle, ours }) =>
      what === "field" && oracle === "absent" && ours.startsWith("msg=audit("),
  },
  {
    kind: "several-keys",
    why: "auparse makes a field of each key of several audit rules; the line has one field, the document a list",
    explains: ({ what, type, key, logged, oracle, ours }) =>
      what === "field" &&
      type === "SYSCALL" &&
      key === "key" &&
      (ours === "absent" ? isOneOfKeys(logged, oracle) : /01/.test(ours)),
  },
  {
    kind: "key-in-message",
    why: "auparse takes key= in a program's words for the audit rule's key, and loses its value",
    explains: ({ what, key, oracle, ours, logged }) =>
      what === "field" &&
      key === "key" &&
      logged.includes("msg='") &&
      (oracle === "absent" ? ours !== "key=" : oracle === "key="),
  },
  {
    kind: "no-key",
    why: "auparse has fields without a name where a word begins with =; for us such a word is text",
    explains: ({ what, key, ours }) => what === "field" && key === "" && ours === "absent",
  },
  {
    kind: "unclosed-quote",
    why: "a message that ends within quotes; auparse counts the opening quote as part of the value",
    explains: ({ what, oracle, ours, logged }) =>
      what === "field" && [oracle, ours].some((side) => isUnclosed(side, logged)),
  },
  {
    kind: "event-split",
    why: "auparse ends an event at LOGIN and at records of programs; the records that follow have the same stamp, so they are one event",
    explains: ({ what, logged, oracle, ours }) =>
      what === "event" &&
      Number(oracle) > 1 &&
      ours === "1" &&
      /^(?:LOGIN|USER\w*|SERVICE_\w+|CONFIG_CHANGE|ANOM_\w+) /.test(logged),
  },
  {
    kind: "no-title",
    why: 'the kernel writes proctitle="(null)" for a process without a title, so the document has none',
    explains: ({ what, key, logged, ours }) =>
      what === "document" && key === "process.title" && logged === '"(null)"' && ours === "nothing",
  },
  {
    kind: "unset-session",
    why: "auparse knows an unset session in ses, but not in old-ses",
    explains: ({ what, key, oracle, ours }) =>
      what === "value" && key === "old-ses" && oracle === "4294967295" && ours === "unset",
  },
  {
    kind: "message-queue-mode",
    why: "auparse reads mode as a file's in every record but MQ_OPEN",
    explains: ({ what, type, key, oracle, logged }) =>
      what === "value" && type === "MQ_OPEN" && key === "mode" && oracle === logged,
  },
  {
    kind: "socketcall",
    why: "auparse puts the call inside socketcall() and ipc() into its name; the document has the call's own name and a0",
    explains: ({ key, oracle, ours }) =>
      key.endsWith("syscall") && /^(?:socketcall|ipc)$/.test(ours) && oracle.startsWith(`${ours}(`),
  },
  {
    kind: "seccomp-kill",
    why: "auparse does not tell the kill of a thread from that of a process",
    explains: ({ type, key, oracle, ours }) =>
      type === "SECCOMP" &&
      key === "code" &&
      oracle === "kill" &&
      /^kill_(?:thread|process)$/.test(ours),
  },
  {
    kind: "seccomp-syscall",
    why: "auparse finds the syscall of SECCOMP by position, which is wrong without subj",
    explains: ({ type, key, oracle }) =>
      type === "SECCOMP" && key === "syscall" && oracle === "unknown-syscall(-1)",
  },
  {
    kind: "scope-of-address",
    why: "auparse names the interface of an IPv6 address by the host that reads; the number is in the document",
    explains: ({ what, key, oracle, ours }) =>
      what === "value" && key === "saddr" && oracle.replace(/%\S+/, "") === ours,
  },
  {
    kind: "terminal-input",
    why: "auparse quotes what was typed in C's way, and parts it by commas; the keys are the same",
    explains: ({ what, type, key, oracle, ours }) =>
      what === "value" && type === "TTY" && key === "data" && unquoteKeys(oracle) === ours,
  },
  {
    kind: "unknown-record",
    why: "auparse reads the fields of a record that it has no name for by their keys alone",
    explains: ({ what, type, logged, oracle, ours }) =>
      what === "value" &&
      /^(?:UNKNOWN\[|LANDLOCK_)/.test(type) &&
      (oracle === `"${ours}"` || ours === logged),
  },
  {
    kind: "words-of-apparmor",
    why: "auparse leaves the quotes of sock_type, and takes a quoted family for a number",
    explains: ({ what, type, key, logged, ours }) =>
      what === "value" &&
      type === "AVC" &&
      (key === "sock_type" || key === "family") &&
      logged === `"${ours}"`,
  },
  {
    kind: "not-hex",
    why: "auparse makes bytes of any value that looks like hex; kernel and libaudit write hex in upper case, and only if a byte needs it",
    explains: ({ what, key, logged, ours }) =>
      what === "value" &&
      /^(?:acct|sw|comm|name|cwd|exe|cmd|a\d+)$/.test(key) &&
      ours === logged &&
      /^(?:[\da-fA-F]{2})+$/.test(logged) &&
      !needsHex(logged),
  },
];

/** Finds what explains a difference. */
export function explain(difference: Difference): Deviation | undefined {
  return deviations.find((deviation) => deviation.explains(difference));
}

function isNumber(logged: string, text: string): boolean {
  return text === logged || text === `0x${logged}`;
}

/** Either our value with a space in it, or auparse's piece of one. */
function isPieceOfValue({ logged, oracle, ours }: Difference): boolean {
  if (oracle === "absent") return / /.test(ours);
  const { outer, inner } = tokeniseBody(bytesOf(logged));
  return [...outer, ...inner].some(({ key, value, form }) => {
    const text = latin1(value);
    const quote = form === "quoted" ? '"' : "";
    return text.includes(" ") && `${key}=${quote}${text}${quote}`.includes(oracle);
  });
}

function isOneOfKeys(logged: string, oracle: string): boolean {
  const keys = Buffer.from(/ key=([\dA-F]+)/.exec(logged)?.[1] ?? "", "hex").toString("latin1");
  return keys.split("\x01").some((key) => oracle === `key="${key}"`);
}

function isUnclosed(side: string, logged: string): boolean {
  const value = /^[^=]+="([^"]*)"?$/.exec(side)?.[1];
  return value !== undefined && logged.includes(`="${value}'`) && !logged.includes(`="${value}"`);
}

/** `"id",<ret>` → `id<ret>`, with C's octal escapes read as UTF-8. */
function unquoteKeys(text: string): string {
  const plain = text.replace(/^"|",?|,"|(?<=>),/g, "");
  const bytes = plain.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}

function needsHex(logged: string): boolean {
  if (/[a-f]/.test(logged)) return false;
  return Buffer.from(logged, "hex").some((byte) => byte < 0x21 || byte > 0x7e || byte === 0x22);
}
