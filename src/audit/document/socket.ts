import { INET, OTHER_SOCKET } from "#audit/core/sockets.ts";
import { decodeHex, renderHex } from "#audit/decode/hex.ts";
import { decodeSockaddr, type SocketAddress } from "#audit/decode/sockaddr.ts";
import { decodeText } from "#audit/decode/text.ts";
import type { Call } from "./call.ts";
import { groups } from "./event-view.ts";
import { fieldText } from "./field-values.ts";
import { key, type Writer } from "./writer.ts";

const keys = { saddr: key("saddr") };
/** Addresses whose JSON is kept: programs connect to the same few over and over. */
const rememberedAddresses = 4_096;

/** The JSON members of one socket address. */
interface RenderedAddress {
  /** Of `source` or `destination`; empty if the address has no such place. */
  readonly endpoint: Buffer;
  /** Of `auditd.socket`. */
  readonly socket: Buffer;
  readonly networkType: "" | "ipv4" | "ipv6";
  /** As JSON; empty if it has none. */
  readonly ip: string;
}

/** Writes the address of a SOCKADDR record. */
export class SocketWriter {
  readonly #writer: Writer;
  readonly #known = new Map<string, RenderedAddress>();

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  /**
   * Writes `source` or `destination` and `network`, by what the call does with the address. One that
   * is this host's own end, as of bind(), is neither.
   */
  write({ action, littleEndian }: Call): void {
    const { core } = this.#writer;
    const isSource = action?.object === "network-source";
    if (!isSource && action?.object !== "network-destination") return;
    const kind = core.decodeSocket(core.slot(groups.socket, keys.saddr), littleEndian);
    if (kind === OTHER_SOCKET) {
      const address = this.#address(littleEndian);
      if (address === undefined || address.endpoint.length === 0) return;
      this.#writer.open(isSource ? '"source":{' : '"destination":{');
      this.#writer.members(address.endpoint);
      this.#writer.close();
      this.#writeNetwork(isSource, address.networkType);
      return;
    }
    this.#writer.open(isSource ? '"source":{' : '"destination":{');
    this.#writeText('"address":');
    if (kind === INET) {
      this.#writeText('"ip":');
      this.#writer.member('"port":');
      this.#writer.value(String(core.socketPort()));
    }
    this.#writer.close();
    this.#writeNetwork(isSource, kind === INET ? "ipv4" : "");
  }

  /** Writes the IP address that `write` gave, as an element; none if it gave none. */
  writeIp({ action, littleEndian }: Call): void {
    const { core } = this.#writer;
    if (action?.object !== "network-source" && action?.object !== "network-destination") return;
    const kind = core.decodeSocket(core.slot(groups.socket, keys.saddr), littleEndian);
    if (kind === INET) {
      core.separate();
      core.writeString(core.textStart(), core.textSize());
    } else if (kind === OTHER_SOCKET) {
      const ip = this.#address(littleEndian)?.ip ?? "";
      if (ip === "") return;
      core.separate();
      this.#writer.value(ip);
    }
  }

  /** Writes `auditd.socket`. */
  writeBlock(littleEndian: boolean): void {
    const { core } = this.#writer;
    const kind = core.decodeSocket(core.slot(groups.socket, keys.saddr), littleEndian);
    if (kind === OTHER_SOCKET) {
      const address = this.#address(littleEndian);
      if (address === undefined) return;
      this.#writer.open('"socket":{');
      this.#writer.members(address.socket);
    } else if (kind === INET) {
      this.#writer.open('"socket":{');
      this.#writer.member('"family":"inet"');
      this.#writeText('"address":');
      this.#writer.member('"port":');
      this.#writer.value(String(core.socketPort()));
    } else {
      this.#writer.open('"socket":{');
      this.#writer.member('"family":"unix"');
      this.#writeText('"path":');
    }
    this.#writer.close();
  }

  #writeText(name: string): void {
    const { core } = this.#writer;
    this.#writer.member(name);
    core.writeString(core.textStart(), core.textSize());
  }

  #writeNetwork(isSource: boolean, type: RenderedAddress["networkType"]): void {
    this.#writer.open('"network":{');
    this.#writer.member(isSource ? '"direction":"ingress"' : '"direction":"egress"');
    if (type === "ipv4") this.#writer.member('"type":"ipv4"');
    else if (type === "ipv6") this.#writer.member('"type":"ipv6"');
    this.#writer.close();
  }

  /** The general way, for any family. */
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
  const endpoint = endpointOf(address);
  return {
    endpoint: members(endpoint),
    ip: "ip" in endpoint ? JSON.stringify(endpoint.ip) : "",
    socket: members({ family: kind, ...Object.fromEntries(entries.map(printable)) }),
    networkType: kind === "inet" ? "ipv4" : kind === "inet6" ? "ipv6" : "",
  };
}

function endpointOf(address: SocketAddress): object {
  if (address.kind === "inet" || address.kind === "inet6") {
    const mapped = address.kind === "inet6" ? address.mapped : undefined;
    const ip = mapped ?? address.address;
    return { address: ip, ip, port: address.port };
  }
  if (address.kind === "unix") return { address: decodeText(address.path).text };
  if (address.kind === "unix-abstract") return { address: `@${decodeText(address.name).text}` };
  return {};
}

/** Some families number their protocols, others name them; each member is of one type. */
function printable([name, value]: [string, unknown]): [string, unknown] {
  if (name === "protocol") return [name, String(value)];
  if (name === "family") return ["number", value];
  if (!(value instanceof Uint8Array)) return [name, value];
  const { text, lossy } = decodeText(value);
  return [name, lossy ? renderHex(value) : text];
}

/** JSON members without the braces around them. */
function members(object: object): Buffer {
  return Buffer.from(JSON.stringify(object).slice(1, -1));
}
