import { digitsEnd, holds, latin1, parseDecimal, skip, wordEnd } from "./scan.ts";

/** What in a header is not as auditd writes it today. */
type HeaderOddity =
  /** It stands behind `audit: `, as in the kernel's log. */
  | "kernel-log"
  /** `msg=` is missing. */
  | "no-msg"
  /** The colon behind `)` is missing. */
  | "no-colon"
  /** The milliseconds have fewer than three digits, or none. */
  | "short-milliseconds"
  /** The seconds do not fit into 32 bits. */
  | "long-seconds";

/** The head of one line, and where its body starts. */
export type RecordHeader = StampedHeader | UnstampedHeader;

/** The head of a line that belongs to the event of its stamp. */
interface StampedHeader extends HeaderStart {
  readonly kind: "stamped";
  readonly seconds: number;
  readonly milliseconds: number;
  readonly serial: number;
}

/** The head of a line without a stamp (`type=DAEMON_ERR op=…`), which is an event of its own. */
interface UnstampedHeader extends HeaderStart {
  readonly kind: "unstamped";
}

interface HeaderStart {
  /** The value of `node=`, which may be empty, or `undefined` without one. */
  readonly node: Uint8Array | undefined;
  /** The record type as logged: `SYSCALL`, `UNKNOWN[1420]` or `1400`. */
  readonly type: string;
  /** The number of a type that was logged by number. */
  readonly typeNumber: number | undefined;
  /** Where the body starts: behind the header and the spaces that follow it. */
  readonly bodyStart: number;
  readonly oddities: readonly HeaderOddity[];
}

/**
 * Reads the header of a line (without its line feed), or returns `undefined` if it has none.
 * This is the reference for the grammar; whatever else reads headers gives the same.
 *
 * ```
 * header = SP* ["node=" node SP+] ["audit:" SP*] "type=" type (SP* stamp SP* | SP* rest)
 * node   = bytes that are no space
 * type   = 1–64 letters, digits, "_", "-", "[" and "]"
 * stamp  = ["msg="] "audit(" sec ["." msec] ":" serial ")" [":"]
 * ```
 *
 * `sec` has 1–12 digits, `msec` 0–3 and is taken as a number (`.5` is 5), `serial` is at most
 * 4294967295. The header is `unstamped` if neither `audit(` nor `msg=audit(` follows the type; if one
 * of them does and is no stamp, the line has no header.
 *
 * Source: auparse's str2event and ausearch's extract_timestamp; auditd's format_raw; real logs.
 */
export function parseHeader(line: Uint8Array): RecordHeader | undefined {
  const oddities: HeaderOddity[] = [];
  let at = skip(line, 0, 0x20);
  let node: Uint8Array | undefined;
  if (holds(line, at, "node=")) {
    node = line.subarray(at + 5, wordEnd(line, at + 5));
    at = skip(line, at + 5 + node.length, 0x20);
  }
  if (holds(line, at, "audit:")) {
    oddities.push("kernel-log");
    at = skip(line, at + 6, 0x20);
  }
  const type = parseType(line, at);
  if (type === undefined) return undefined;
  const bodyStart = skip(line, type.end, 0x20);
  const start = { node, type: type.name, typeNumber: type.number, oddities };
  const stampStart = holds(line, bodyStart, "msg=audit(") ? bodyStart + 4 : bodyStart;
  if (!holds(line, stampStart, "audit(")) return { kind: "unstamped", ...start, bodyStart };
  if (stampStart === bodyStart) oddities.push("no-msg");
  const stamp = parseStamp(line, stampStart + 6, oddities);
  return stamp && { kind: "stamped", ...start, ...stamp };
}

const U32_MAX = 4_294_967_295;

interface RecordType {
  readonly name: string;
  readonly number: number | undefined;
  readonly end: number;
}

function parseType(line: Uint8Array, at: number): RecordType | undefined {
  if (!holds(line, at, "type=")) return undefined;
  const end = wordEnd(line, at + 5);
  const name = latin1(line.subarray(at + 5, Math.min(end, at + 5 + 65)));
  if (!/^[A-Za-z0-9_[\]-]{1,64}$/.test(name)) return undefined;
  const digits = /^(?:UNKNOWN\[(\d{1,10})\]|(\d{1,10}))$/.exec(name);
  const number = digits ? Number(digits[1] ?? digits[2]) : U32_MAX + 1;
  return { name, number: number > U32_MAX ? undefined : number, end };
}

type Stamp = Pick<StampedHeader, "seconds" | "milliseconds" | "serial" | "bodyStart">;

/** Reads the stamp from behind `audit(` on; adds its oddities. */
function parseStamp(line: Uint8Array, at: number, oddities: HeaderOddity[]): Stamp | undefined {
  const secondsEnd = digitsEnd(line, at);
  const seconds = parseDecimal(line, at, secondsEnd, 12);
  const dot = line[secondsEnd] === 0x2e ? 1 : 0;
  const fractionEnd = dot === 0 ? secondsEnd : digitsEnd(line, secondsEnd + 1);
  const fractionDigits = fractionEnd - secondsEnd - dot;
  const milliseconds =
    fractionDigits === 0 ? 0 : parseDecimal(line, secondsEnd + 1, fractionEnd, 3);
  const serialEnd = digitsEnd(line, fractionEnd + 1);
  const serial = parseDecimal(line, fractionEnd + 1, serialEnd, 10);
  if (seconds === undefined || milliseconds === undefined || serial === undefined) return undefined;
  if (line[fractionEnd] !== 0x3a || line[serialEnd] !== 0x29 || serial > U32_MAX) return undefined;
  if (seconds > U32_MAX) oddities.push("long-seconds");
  if (fractionDigits < 3) oddities.push("short-milliseconds");
  const colon = line[serialEnd + 1] === 0x3a ? 1 : 0;
  if (colon === 0) oddities.push("no-colon");
  return { seconds, milliseconds, serial, bodyStart: skip(line, serialEnd + 1 + colon, 0x20) };
}
