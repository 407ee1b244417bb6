import { tokeniseBody } from "./message.ts";
import type { RawField } from "./raw-field.ts";
import { bytesOf, latin1, trimmedEnd } from "./scan.ts";
import type { SocketAddress } from "./sockaddr.ts";

/**
 * Reads the address that auditd wrote out in its trailer (`SADDR={ saddr_fam=inet laddr=… }`, older
 * `{ fam=local path=… }`), or returns `undefined` if it says no address. It is for events
 * whose `saddr` cannot be decoded.
 *
 * Source: print_sockaddr in auparse's interpret.c, of 2.8 to 4.
 */
export function parseSaddrText(field: RawField): SocketAddress | undefined {
  if (field.form !== "braced") return undefined;
  const text = latin1(field.value.subarray(0, trimmedEnd(field.value)));
  const [, family, rest = ""] = /^ *(?:saddr_)?fam=(\S+) *(.*)$/s.exec(text) ?? [];
  switch (family ?? "") {
    case "local":
    case "unix":
      return parsePath(rest);
    case "inet":
      return parseInternet(rest, "inet");
    case "inet6":
      return parseInternet(rest, "inet6");
    case "netlink":
      return {
        kind: "netlink",
        portId: Number(/\bnlnk-pid=(\d{1,10})\b/.exec(rest)?.[1] ?? 0),
        groups: 0,
      };
    default:
      return undefined;
  }
}

/** The path goes to the end; it may hold spaces and braces. */
function parsePath(text: string): SocketAddress {
  const path = text.startsWith("path=") ? text.slice("path=".length) : "";
  if (path === "") return { kind: "unix-unnamed" };
  return path.startsWith("@")
    ? { kind: "unix-abstract", name: bytesOf(path.slice(1)) }
    : { kind: "unix", path: bytesOf(path) };
}

function parseInternet(text: string, kind: "inet" | "inet6"): SocketAddress | undefined {
  const fields = tokeniseBody(bytesOf(text)).outer;
  const textOf = (...keys: readonly string[]): string | undefined => {
    const field = fields.find(({ key }) => keys.includes(key));
    return field && latin1(field.value);
  };
  const address = textOf("laddr", "host", "addr");
  const port = Number(textOf("lport", "serv", "port") ?? 0);
  if (address === undefined || !/^[\da-f.:]{2,45}$/.test(address)) return undefined;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) return undefined;
  if (kind === "inet") return { kind, address, port };
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  return { kind, address, port, flowInfo: 0, scopeId: 0, mapped };
}
