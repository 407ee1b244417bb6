/** What a terminal or a log viewer may obey or hide: controls, formats and bidi marks, line and paragraph ends. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** Escapes every character that could change how the text around it is shown: `\x1b`, `\u{202e}`. */
export function escapeUnprintable(text: string): string {
  return text.replace(unprintable, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u{${hex(code, 4)}}`;
  });
}

/** Escapes the same characters in a text of JSON, which stays JSON with the same value. */
export function escapeJson(json: string): string {
  return json.replace(unprintable, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${hex(character.charCodeAt(index), 4)}`)
      .join(""),
  );
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
