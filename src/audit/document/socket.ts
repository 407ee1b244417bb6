import type { EcsAction } from "#audit/actions.ts";
import { decodeHex, renderHex } from "#audit/decode/hex.ts";
import { decodeSockaddr, type SocketAddress } from "#audit/decode/sockaddr.ts";
import { decodeText } from "#audit/decode/text.ts";
import { type Call, fieldText } from "./call.ts";
import { groups } from "./event-view.ts";
import { key, type Writer } from "./writer.ts";

const keys = { saddr: key("saddr") };
/** Addresses whose JSON is kept: programs connect to the same few over and over. */
const rememberedAddresses = 4_096;

/** The JSON of one socket address: its end of a connection, and `auditd.socket`. */
interface RenderedAddress {
  /** Members of `source` or `destination`; empty if the address has no such place. */
  readonly endpoint: Buffer;
  readonly socket: Buffer;
  readonly networkType: string;
}

/** Writes the address of a SOCKADDR record. */
export class SocketWriter {
  readonly #writer: Writer;
  readonly #known = new Map<string, RenderedAddress>();

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  /** Writes `source` or `destination` and `network`, by what the call does with the address. */
  write(call: Call, action: EcsAction): void {
    const address = this.#address(call.littleEndian);
    if (address === undefined || address.endpoint.length === 0) return;
    const isSource = action.object === "network-source";
    this.#writer.open(isSource ? '"source":{' : '"destination":{');
    this.#writer.members(address.endpoint);
    this.#writer.close();
    const direction = isSource ? "ingress" : "egress";
    this.#writer.member(`"network":{"direction":"${direction}"${address.networkType}}`);
  }

  /** Writes `auditd.socket`. */
  writeBlock(littleEndian: boolean): void {
    const address = this.#address(littleEndian);
    if (address === undefined) return;
    this.#writer.open('"socket":{');
    this.#writer.members(address.socket);
    this.#writer.close();
  }

  #address(littleEndian: boolean): RenderedAddress | undefined {
    const { core } = this.#writer;
    const text = fieldText(core, core.slot(groups.socket, keys.saddr));
    const id = littleEndian ? text : `${text} big-endian`;
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const bytes = decodeHex(Buffer.from(text, "latin1"));
    if (bytes === undefined) return undefined;
    const rendered = renderAddress(decodeSockaddr(bytes, littleEndian));
    if (this.#known.size >= rememberedAddresses) this.#known.clear();
    this.#known.set(id, rendered);
    return rendered;
  }
}

function renderAddress(address: SocketAddress): RenderedAddress {
  const { kind, ...rest } = address;
  const entries = Object.entries(rest).filter(([, value]) => value !== undefined);
  const socket = { family: kind, ...Object.fromEntries(entries.map(printable)) };
  return {
    endpoint: members(endpointOf(address)),
    socket: members(socket),
    networkType: networkTypeOf(address),
  };
}

function endpointOf(address: SocketAddress): object {
  switch (address.kind) {
    case "inet":
      return { address: address.address, ip: address.address, port: address.port };
    case "inet6": {
      const ip = address.mapped ?? address.address;
      return { address: ip, ip, port: address.port };
    }
    case "unix":
      return { address: decodeText(address.path).text };
    case "unix-abstract":
      return { address: `@${decodeText(address.name).text}` };
    default:
      return {};
  }
}

function networkTypeOf({ kind }: SocketAddress): string {
  if (kind === "inet") return ',"type":"ipv4"';
  return kind === "inet6" ? ',"type":"ipv6"' : "";
}

function printable([name, value]: [string, unknown]): [string, unknown] {
  if (!(value instanceof Uint8Array)) return [name, value];
  const { text, lossy } = decodeText(value);
  return [name, lossy ? renderHex(value) : text];
}

/** JSON members without the braces around them. */
function members(object: object): Buffer {
  return Buffer.from(JSON.stringify(object).slice(1, -1));
}
