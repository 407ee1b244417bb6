import { createSocket } from "node:dgram";
import { once } from "node:events";

/** A name server that knows one name. */
interface OneNameServer extends AsyncDisposable {
  /** How often it was asked for the name. */
  readonly asked: number;
}

const headBytes = 12;
const answered = 0x8180;
const unknownName = 0x8183;
const addressRecord = 1;

/** Starts a name server on an address of loopback, port 53, for which the name is 127.0.0.1. Source: RFC 1035. */
export async function startNameServer(address: string, name: string): Promise<OneNameServer> {
  const socket = createSocket("udp4");
  const wanted = encodeName(name);
  let asked = 0;
  socket.on("message", (question, { port, address: from }) => {
    const typeAt = headBytes + wanted.length;
    const isKnown = question.subarray(headBytes, typeAt).equals(wanted);
    const hasAddress = isKnown && question.readUInt16BE(typeAt) === addressRecord;
    if (isKnown) asked++;
    const head = Buffer.alloc(headBytes);
    question.copy(head, 0, 0, 2);
    head.writeUInt16BE(isKnown ? answered : unknownName, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(hasAddress ? 1 : 0, 6);
    const own = question.subarray(headBytes, question.indexOf(0, headBytes) + 5);
    socket.send(Buffer.concat([head, own, ...(hasAddress ? [loopback] : [])]), port, from);
  });
  socket.bind(53, address);
  await once(socket, "listening");
  return {
    get asked() {
      return asked;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(socket, "close");
      socket.close();
      await closed;
    },
  };
}

/** The name of the question once more, type A, class IN, no time to live, and four bytes of address. */
const loopback = Buffer.from("c00c0001000100000000" + "0004" + "7f000001", "hex");

function encodeName(name: string): Buffer {
  const labels = name.split(".").map((label) => `${String.fromCharCode(label.length)}${label}`);
  return Buffer.from(`${labels.join("")}\0`, "latin1");
}
