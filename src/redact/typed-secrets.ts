import { findInCommand, findInJoined } from "./command-secrets.ts";
import { mergeSpans, type Span, spanOf } from "./span.ts";

/** Programs that ask for a secret on the terminal. */
const asks =
  /^[\t-\r ]*(?:[^\t-\r ]*\/)?(?:sudo|su|doas|pkexec|login|passwd|ssh|scp|sftp|ssh-add|ssh-copy-id|ssh-keygen|kinit|mysql|mariadb|psql|gpg|cryptsetup|smbclient|ftp|telnet|htpasswd|ldapsearch|vault|docker|podman)\b/;

/**
 * Finds the secrets in what was typed on a terminal: those in the commands, and one word alone on its
 * line behind a command that asks for a secret.
 */
export function findTyped(text: string): readonly Span[] {
  const spans: Span[] = [];
  let start = 0;
  let isAsked = false;
  for (const line of text.split(/[\r\n]/)) {
    const inLine = [...findInCommand(line), ...findInJoined(line)];
    for (const span of inLine) {
      spans.push({ ...span, start: span.start + start, end: span.end + start });
    }
    if (isAsked && /^[^\t-\r ]+$/.test(line)) spans.push(spanOf(text, start, start + line.length));
    isAsked = asks.test(line) && line.trim() !== "";
    start += line.length + 1;
  }
  return mergeSpans(text, spans);
}
