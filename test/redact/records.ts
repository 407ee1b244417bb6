/** The most bytes of arguments in one EXECVE record. Source: audit_log_execve_info in the kernel's auditsc.c. */
const recordBytes = 7_500;
/** Bytes of a process's title that are logged. Source: MAX_PROCTITLE_AUDIT_LEN in the kernel's audit.h. */
const titleBytes = 128;

/** Renders a value as audit_log_untrustedstring does. */
export function encode(value: string | Uint8Array): string {
  const bytes = Buffer.from(value as string);
  const isPlain = bytes.every((byte) => byte > 0x20 && byte < 0x7f && byte !== 0x22);
  return isPlain ? `"${bytes.toString("latin1")}"` : bytes.toString("hex").toUpperCase();
}

/** Renders the bodies of the EXECVE records of a program's arguments; what does not fit goes on in the next. */
export function execBodies(args: readonly string[]): readonly string[] {
  const bodies: string[] = [];
  let body = `argc=${args.length}`;
  const add = (field: string) => {
    if (body.length + field.length > recordBytes && body !== "") {
      bodies.push(body);
      body = "";
    }
    body += ` ${field}`;
  };
  for (const [index, arg] of args.entries()) {
    const value = encode(arg);
    if (value.length < recordBytes - 100) add(`a${index}=${value}`);
    else {
      const digits = Buffer.from(arg).toString("hex").toUpperCase();
      add(`a${index}_len=${digits.length}`);
      for (let from = 0, part = 0; from < digits.length; from += 7_000, part++) {
        add(`a${index}[${part}]=${digits.slice(from, from + 7_000)}`);
      }
    }
  }
  return [...bodies, body];
}

/** Renders a process's title: its arguments, cut, without what no terminal shows at its end. */
export function titleOf(args: readonly string[]): string {
  const title = Buffer.from(`${args.join("\0")}\0`).subarray(0, titleBytes);
  const size = title.findLastIndex((byte) => byte >= 0x20) + 1;
  return encode(title.subarray(0, size));
}
