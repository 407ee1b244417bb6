import { latin1 } from "./scan.ts";

/** The address of a family that few programs use. */
export type OtherFamilyAddress =
  /** `callSign` is as amateurs write it: `N0CALL-7`. */
  | { readonly kind: "ax25"; readonly callSign: string }
  | {
      readonly kind: "ipx";
      readonly network: string;
      readonly node: string;
      readonly port: number;
    }
  | { readonly kind: "x25"; readonly address: string }
  | {
      readonly kind: "atmpvc";
      readonly interfaceNumber: number;
      readonly pathId: number;
      readonly channelId: number;
    }
  | {
      readonly kind: "packet";
      /** The Ethernet type, such as 0x0800 for IP and 3 for all. */
      readonly protocol: number;
      readonly interfaceIndex: number;
      readonly hardwareAddress: string;
    }
  | { readonly kind: "can"; readonly interfaceIndex: number }
  | {
      readonly kind: "tipc";
      /** 1 a range of a service, 2 a service, 3 a socket. */
      readonly addressType: number;
      /** As its type has them: type, lower, upper; type, instance, domain; or reference, node. */
      readonly numbers: readonly number[];
    }
  | {
      readonly kind: "bluetooth";
      /** Told by the length, the only thing that tells them apart. */
      readonly protocol: "hci" | "sco" | "rfcomm" | "l2cap";
      readonly address: string | undefined;
      /** The device of HCI, the channel of RFCOMM, the PSM of L2CAP. */
      readonly channel: number | undefined;
    }
  | { readonly kind: "alg"; readonly type: string; readonly name: string }
  | { readonly kind: "vsock"; readonly cid: number; readonly port: number }
  | { readonly kind: "xdp"; readonly interfaceIndex: number; readonly queueId: number };

type Decoder = (bytes: Uint8Array, view: DataView, littleEndian: boolean) => OtherFamilyAddress;

interface Family {
  readonly leastBytes: number;
  readonly decode: Decoder;
}

/** By number, as linux/socket.h has it. */
const families: ReadonlyMap<number, Family> = new Map([
  [3, { leastBytes: 9, decode: decodeAx25 }],
  [4, { leastBytes: 14, decode: decodeIpx }],
  [8, { leastBytes: 12, decode: decodeAtmPvc }],
  [9, { leastBytes: 3, decode: decodeX25 }],
  [17, { leastBytes: 12, decode: decodePacket }],
  [29, { leastBytes: 8, decode: decodeCan }],
  [30, { leastBytes: 16, decode: decodeTipc }],
  [31, { leastBytes: 6, decode: decodeBluetooth }],
  [38, { leastBytes: 25, decode: decodeAlg }],
  [40, { leastBytes: 12, decode: decodeVsock }],
  [44, { leastBytes: 12, decode: decodeXdp }],
]);

/** Decodes an address of one of these families; `short` if it is cut, `undefined` if it is of none. */
export function decodeOtherFamily(
  family: number,
  bytes: Uint8Array,
  view: DataView,
  littleEndian: boolean,
): OtherFamilyAddress | "short" | undefined {
  const row = families.get(family);
  if (row === undefined) return undefined;
  return bytes.length < row.leastBytes ? "short" : row.decode(bytes, view, littleEndian);
}

/** Six characters, each moved up by one bit, and the SSID in the middle of the seventh byte. */
function decodeAx25(bytes: Uint8Array): OtherFamilyAddress {
  const call = latin1(bytes.subarray(2, 8).map((byte) => byte >> 1)).trimEnd();
  return { kind: "ax25", callSign: `${call}-${((bytes[8] ?? 0) >> 1) & 0x0f}` };
}

function decodeIpx(bytes: Uint8Array, view: DataView): OtherFamilyAddress {
  return {
    kind: "ipx",
    network: view.getUint32(4).toString(16).padStart(8, "0"),
    node: renderHardwareAddress(bytes.subarray(8, 14)),
    port: view.getUint16(2),
  };
}

function decodeAtmPvc(_: Uint8Array, view: DataView, littleEndian: boolean): OtherFamilyAddress {
  return {
    kind: "atmpvc",
    interfaceNumber: view.getInt16(4, littleEndian),
    pathId: view.getInt16(6, littleEndian),
    channelId: view.getInt32(8, littleEndian),
  };
}

function decodeX25(bytes: Uint8Array): OtherFamilyAddress {
  return { kind: "x25", address: textUntilNul(bytes.subarray(2, 18)) };
}

function decodePacket(
  bytes: Uint8Array,
  view: DataView,
  littleEndian: boolean,
): OtherFamilyAddress {
  const size = Math.min(bytes[11] ?? 0, 8);
  return {
    kind: "packet",
    protocol: view.getUint16(2),
    interfaceIndex: view.getInt32(4, littleEndian),
    hardwareAddress: renderHardwareAddress(bytes.subarray(12, 12 + size)),
  };
}

function decodeCan(_: Uint8Array, view: DataView, littleEndian: boolean): OtherFamilyAddress {
  return { kind: "can", interfaceIndex: view.getInt32(4, littleEndian) };
}

function decodeTipc(bytes: Uint8Array, view: DataView, littleEndian: boolean): OtherFamilyAddress {
  const addressType = bytes[2] ?? 0;
  const offsets = addressType === 3 ? [4, 8] : [4, 8, 12];
  const numbers = offsets.map((offset) => view.getUint32(offset, littleEndian));
  return { kind: "tipc", addressType, numbers };
}

function decodeBluetooth(
  bytes: Uint8Array,
  view: DataView,
  littleEndian: boolean,
): OtherFamilyAddress {
  const kind = "bluetooth";
  if (bytes.length < 8) {
    const channel = view.getUint16(2, littleEndian);
    return { kind, protocol: "hci", address: undefined, channel };
  }
  if (bytes.length >= 13) {
    const address = bluetoothAddress(bytes.subarray(4, 10));
    return { kind, protocol: "l2cap", address, channel: view.getUint16(2, true) };
  }
  const address = bluetoothAddress(bytes.subarray(2, 8));
  return bytes.length < 9
    ? { kind, protocol: "sco", address, channel: undefined }
    : { kind, protocol: "rfcomm", address, channel: bytes[8] };
}

function decodeAlg(bytes: Uint8Array): OtherFamilyAddress {
  return {
    kind: "alg",
    type: textUntilNul(bytes.subarray(2, 16)),
    name: textUntilNul(bytes.subarray(24, 88)),
  };
}

function decodeVsock(_: Uint8Array, view: DataView, littleEndian: boolean): OtherFamilyAddress {
  return {
    kind: "vsock",
    cid: view.getUint32(8, littleEndian),
    port: view.getUint32(4, littleEndian),
  };
}

function decodeXdp(_: Uint8Array, view: DataView, littleEndian: boolean): OtherFamilyAddress {
  return {
    kind: "xdp",
    interfaceIndex: view.getUint32(4, littleEndian),
    queueId: view.getUint32(8, littleEndian),
  };
}

/** In ECS's form: `00-00-5E-00-53-23`. */
function renderHardwareAddress(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join("-");
}

/** A Bluetooth address lies in memory from its last byte on. */
function bluetoothAddress(bytes: Uint8Array): string {
  return renderHardwareAddress(bytes.toReversed());
}

function textUntilNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return latin1(end < 0 ? bytes : bytes.subarray(0, end));
}
