import { fieldKind } from "#audit/decode/field-kinds.ts";
import { parseMode } from "#audit/decode/file-mode.ts";
import { seccompAction, signalName } from "#audit/decode/interpret.ts";
import { renderPressedKeys } from "#audit/decode/pressed-keys.ts";
import type { RawField } from "#audit/decode/raw-field.ts";
import { latin1 } from "#audit/decode/scan.ts";
import { decodeSockaddr, type SocketAddress } from "#audit/decode/sockaddr.ts";
import { decodeValue } from "#audit/decode/value.ts";
import { architectureOf } from "#audit/tables/arch.ts";
import { capabilityName } from "#audit/tables/capabilities.ts";
import { errnoName } from "#audit/tables/errno.ts";
import { syscallName } from "#audit/tables/syscalls.ts";

/** What the meaning of a field depends on besides itself. */
export interface FieldContext {
  readonly type: string;
  /** `arch=` of the record, or of its event. */
  readonly arch: string;
  /** The trailer's names, by lower-case key. */
  readonly names: ReadonlyMap<string, string>;
}

/**
 * Says what a field means in the words that auparse would use, from our own decoders and tables;
 * `undefined` if we do not interpret it, so that there is nothing to compare.
 */
export function meaningOf(field: RawField, context: FieldContext): string | undefined {
  const logged = latin1(field.value);
  const named = nameOf(field.key, logged, context);
  if (named !== undefined) return named;
  const value = decodeValue(field.key, context.type, field);
  switch (value.kind) {
    case "none":
      return capabilityKey.test(field.key) ? "none" : logged;
    case "unset":
      return "unset";
    case "text":
      return latin1(value.bytes);
    case "list":
      return value.items.map(latin1).join(" ");
    case "bytes":
      return field.key === "saddr"
        ? renderAddress(decodeSockaddr(value.bytes, true))
        : renderPressedKeys(value.bytes);
    case "number":
      return renderNumber(field.key, logged, context);
    case "device":
      return logged;
    default:
      return value satisfies never;
  }
}

function nameOf(key: string, logged: string, context: FieldContext): string | undefined {
  const number = Number(logged);
  switch (key) {
    case "arch":
      return architectureOf(Number.parseInt(logged, 16))?.name;
    case "syscall":
      return syscallName(architectureName(context.arch), number);
    case "exit":
      return number < 0 ? errnoName(-number) : logged;
    case "sig":
      return signalName(number);
    case "code":
      return context.type === "SECCOMP" ? seccompAction(logged) : undefined;
    default:
      return undefined;
  }
}

function architectureName(arch: string): string {
  return architectureOf(Number.parseInt(arch, 16))?.name ?? "";
}

const capabilityKey = /^cap_f[pi]$|^(?:old_|new_|cap_)?p[piea]$|^f[pi]$/;

function renderNumber(key: string, logged: string, context: FieldContext): string | undefined {
  const kind = fieldKind(key, context.type);
  if (kind === "uid" || kind === "gid") return context.names.get(key) ?? undefined;
  if (/^cap_f[pi]$|^(?:old_|new_|cap_)?p[piea]$|^f[pi]$/.test(key))
    return renderCapabilities(logged);
  if (key === "mode" && kind === "octal") return renderMode(logged);
  return kind === "hex" && /^a\d$/.test(key) ? `0x${logged}` : logged;
}

function renderCapabilities(logged: string): string {
  const mask = BigInt(`0x${logged}`);
  const names: string[] = [];
  for (let bit = 0; bit < 64; bit++) {
    if (((mask >> BigInt(bit)) & 1n) === 0n) continue;
    names.push((capabilityName(bit) ?? `unknown(${bit})`).replace("CAP_", "").toLowerCase());
  }
  return names.length === 0 ? "none" : names.join(",");
}

const modeTypes: ReadonlyMap<number, string> = new Map([
  [0o10, "file"],
  [0o4, "dir"],
  [0o12, "link"],
  [0o2, "character"],
  [0o6, "block"],
  [0o1, "fifo"],
  [0o14, "socket"],
]);

/** As auparse does: `file,sticky,644`. */
function renderMode(logged: string): string | undefined {
  const mode = parseMode(logged);
  if (mode === undefined) return undefined;
  const kind = modeTypes.get(mode >> 12) ?? String(mode & 0o170000).padStart(3, "0");
  const bits = [
    ...((mode & 0o4000) === 0 ? [] : ["suid"]),
    ...((mode & 0o2000) === 0 ? [] : ["sgid"]),
    ...((mode & 0o1000) === 0 ? [] : ["sticky"]),
  ];
  return [kind, ...bits, (mode & 0o777).toString(8).padStart(3, "0")].join(",");
}

/** As auparse does: `{ saddr_fam=inet laddr=127.0.0.1 lport=22 }`; it reads four families. */
function renderAddress(address: SocketAddress): string | undefined {
  if (address.kind === "unix") return `{ saddr_fam=local path=${latin1(address.path)} }`;
  if (address.kind === "netlink") {
    return `{ saddr_fam=netlink nlnk-fam=16 nlnk-pid=${address.portId} }`;
  }
  if (address.kind !== "inet" && address.kind !== "inet6") return undefined;
  return `{ saddr_fam=${address.kind} laddr=${address.address} lport=${address.port} }`;
}
