import { renderHex } from "./hex.ts";
import { mappedIpv4, renderIpv4, renderIpv6 } from "./ip-address.ts";
import { decodeOtherFamily, type OtherFamilyAddress } from "./sockaddr-families.ts";

/** What a socket address says. Numbers are those of the logging host. */
export type SocketAddress =
  /** No family: a connect() that takes the connection away. */
  | { readonly kind: "unspec" }
  | { readonly kind: "unix"; readonly path: Uint8Array }
  /** A name that is no file; often shown with `@` before it. */
  | { readonly kind: "unix-abstract"; readonly name: Uint8Array }
  | { readonly kind: "unix-unnamed" }
  | { readonly kind: "inet"; readonly address: string; readonly port: number }
  | InternetAddress6
  | { readonly kind: "netlink"; readonly portId: number; readonly groups: number }
  | OtherFamilyAddress
  /** A family that is not read any further. */
  | { readonly kind: "other"; readonly family: number; readonly hex: string }
  /** Too few bytes for the family, or for any. */
  | {
      readonly kind: "short";
      readonly short: true;
      readonly family: number | undefined;
      readonly hex: string;
    };

/** An IPv6 address; `scopeId` is an interface of the logging host, 0 for none. */
interface InternetAddress6 {
  readonly kind: "inet6";
  readonly address: string;
  readonly port: number;
  readonly flowInfo: number;
  readonly scopeId: number;
  /** The IPv4 address inside a v4-mapped one. */
  readonly mapped: string | undefined;
}

/**
 * Decodes the bytes of SOCKADDR's `saddr`. The byte order is that of the event's arch
 * (bit 0x40000000 is set for little endian).
 *
 * Source: struct sockaddr_* in the kernel's headers; unix(7), netlink(7), ip(7), ipv6(7).
 */
export function decodeSockaddr(bytes: Uint8Array, littleEndian: boolean): SocketAddress {
  if (bytes.length < 2) return short(bytes, undefined);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const family = view.getUint16(0, littleEndian);
  switch (family) {
    case 0:
      return { kind: "unspec" };
    case 1:
      return decodeUnix(bytes.subarray(2));
    case 2:
      return bytes.length < 8
        ? short(bytes, family)
        : { kind: "inet", address: renderIpv4(bytes.subarray(4, 8)), port: view.getUint16(2) };
    case 10:
      return bytes.length < 24 ? short(bytes, family) : decodeInet6(bytes, view, littleEndian);
    case 16:
      return bytes.length < 12
        ? short(bytes, family)
        : {
            kind: "netlink",
            portId: view.getUint32(4, littleEndian),
            groups: view.getUint32(8, littleEndian),
          };
    default: {
      const address = decodeOtherFamily(family, bytes, view, littleEndian);
      if (address === "short") return short(bytes, family);
      return address ?? { kind: "other", family, hex: renderHex(bytes) };
    }
  }
}

/** Tells the byte order of an arch (`c000003e`); little endian if it is not known. */
export function isLittleEndian(arch: string | undefined): boolean {
  const number = Number.parseInt(arch ?? "", 16);
  return Number.isNaN(number) || (number & 0x40000000) !== 0;
}

function short(bytes: Uint8Array, family: number | undefined): SocketAddress {
  return { kind: "short", short: true, family, hex: renderHex(bytes) };
}

/** A path ends at its NUL; an abstract name starts with one, and programs fill it up with more. */
function decodeUnix(name: Uint8Array): SocketAddress {
  if (name[0] !== 0 && name.length > 0) {
    const end = name.indexOf(0);
    return { kind: "unix", path: end < 0 ? name : name.subarray(0, end) };
  }
  const last = name.findLastIndex((byte) => byte !== 0);
  if (last < 0) return { kind: "unix-unnamed" };
  return { kind: "unix-abstract", name: name.subarray(1, last + 1) };
}

function decodeInet6(bytes: Uint8Array, view: DataView, littleEndian: boolean): SocketAddress {
  const address = bytes.subarray(8, 24);
  return {
    kind: "inet6",
    address: renderIpv6(address),
    port: view.getUint16(2),
    flowInfo: view.getUint32(4),
    scopeId: bytes.length < 28 ? 0 : view.getUint32(24, littleEndian),
    mapped: mappedIpv4(address),
  };
}
