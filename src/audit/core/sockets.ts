// Reads the socket addresses that programs use most: paths of AF_UNIX, and AF_INET.
import { VALUE_SIZE, VALUE_START } from "./fields.ts";
import { SCRATCH } from "./layout.ts";
import { decodeHex, divide, findByte, load8, loadWord, store8 } from "./memory.ts";
import { fieldRow, setText } from "./values.ts";

/** Anything else: the general way must be taken. */
export const OTHER_SOCKET: i32 = 0;
const UNIX_PATH: i32 = 1;
export const INET: i32 = 2;

/** Where addresses are written out, behind the decoded bytes. */
const TEXT: i32 = SCRATCH + 0x100000;
/** The longest `saddr`: sockaddr_un has 110 bytes, sockaddr_storage 128. */
const LONGEST_HEX: i32 = 256;

let port: i32 = 0;

/** The port of the last address of kind `INET`. */
export function socketPort(): i32 {
  return port;
}

/** Decodes a `saddr` field and points the text to its path or IP address; returns its kind. */
export function decodeSocket(field: i32, littleEndian: boolean): i32 {
  const row = fieldRow(field);
  const hexSize = loadWord(row + VALUE_SIZE);
  if (hexSize > LONGEST_HEX) return OTHER_SOCKET;
  const size = decodeHex(SCRATCH, loadWord(row + VALUE_START), hexSize);
  if (size < 3) return OTHER_SOCKET;
  const family: i32 = littleEndian
    ? load8(SCRATCH) | (load8(SCRATCH + 1) << 8)
    : load8(SCRATCH + 1) | (load8(SCRATCH) << 8);
  if (family === 1 && load8(SCRATCH + 2) !== 0) {
    setText(SCRATCH + 2, findByte(SCRATCH + 2, SCRATCH + size, 0) - SCRATCH - 2);
    return UNIX_PATH;
  }
  if (family !== 2 || size < 8) return OTHER_SOCKET;
  port = (load8(SCRATCH + 2) << 8) | load8(SCRATCH + 3);
  renderIpv4();
  return INET;
}

function renderIpv4(): void {
  let out: i32 = TEXT;
  for (let i: i32 = 4; i < 8; i++) {
    const byte: i32 = load8(SCRATCH + i);
    if (i > 4) store8(out++, 0x2e);
    if (byte >= 100) store8(out++, 0x30 + divide(byte, 100));
    if (byte >= 10) store8(out++, 0x30 + (divide(byte, 10) % 10));
    store8(out++, 0x30 + (byte % 10));
  }
  setText(TEXT, out - TEXT);
}
