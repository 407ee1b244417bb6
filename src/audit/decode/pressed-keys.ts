import { latin1 } from "./scan.ts";
import { decodeText } from "./text.ts";

/** What a terminal sends behind ESC for a key. Source: console_codes(4), XTerm's ctlseqs. */
const sequences: ReadonlyMap<string, string> = new Map([
  ["[A", "up"],
  ["[B", "down"],
  ["[C", "right"],
  ["[D", "left"],
  ["[F", "end"],
  ["[H", "home"],
  ["[1~", "home"],
  ["[2~", "insert"],
  ["[3~", "delete"],
  ["[4~", "end"],
  ["[5~", "pageup"],
  ["[6~", "pagedown"],
  ["OA", "up"],
  ["OB", "down"],
  ["OC", "right"],
  ["OD", "left"],
  ["OF", "end"],
  ["OH", "home"],
  ["OP", "F1"],
  ["OQ", "F2"],
  ["OR", "F3"],
  ["OS", "F4"],
]);

const controls: ReadonlyMap<number, string> = new Map([
  [0x08, "bs"],
  [0x09, "tab"],
  [0x0a, "nl"],
  [0x0d, "ret"],
  [0x1b, "esc"],
  [0x7f, "backspace"],
]);

/**
 * Renders the data of TTY and USER_TTY with the keys that are no text by name: `ls<ret>`, `<up>`,
 * `<^C>`. It may hold passwords.
 */
export function renderPressedKeys(data: Uint8Array): string {
  let rendered = "";
  let textFrom = 0;
  let at = 0;
  while (at < data.length) {
    const key = keyAt(data, at);
    if (key === undefined) {
      at++;
    } else {
      rendered += `${decodeText(data.subarray(textFrom, at)).text}<${key.name}>`;
      at += key.size;
      textFrom = at;
    }
  }
  return rendered + decodeText(data.subarray(textFrom)).text;
}

/** The key at a place, or `undefined` if it is text. */
function keyAt(data: Uint8Array, at: number): { name: string; size: number } | undefined {
  const byte = data[at] ?? 0;
  if (byte >= 0x20 && byte !== 0x7f) return undefined;
  for (const size of byte === 0x1b ? [3, 2] : []) {
    const name = sequences.get(latin1(data.subarray(at + 1, at + 1 + size)));
    if (name !== undefined) return { name, size: size + 1 };
  }
  return { name: controls.get(byte) ?? `^${String.fromCharCode(byte + 0x40)}`, size: 1 };
}
