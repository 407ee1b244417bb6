import { isHarmlessValue, nameKind } from "./secret-names.ts";
import { mergeSpans, type Span, spanOf } from "./span.ts";
import { tokenForms } from "./token-forms.ts";

/**
 * Finds the secrets in any text that tell themselves: tokens, addresses with a password, headers,
 * `name=value` and `"name": "value"` whose name says so. `isCut` is for text that may end within one.
 */
export function findInText(text: string, isCut = false): readonly Span[] {
  const spans: Span[] = [];
  if (isCut || tokenLike.test(text)) spans.push(...findTokens(text, isCut));
  if (text.includes("://")) spans.push(...findUserInfo(text, isCut));
  if (headerLike.test(text)) spans.push(...findHeaders(text));
  if (/[=:]|%3/.test(text)) spans.push(...findAssignments(text));
  return spans.length === 0 ? spans : mergeSpans(text, spans);
}

/** No token is shorter, and none comes without a mark of its own. */
const tokenLike = /[\w.-]{14}|-----/;
const headerLike = /:|bearer|basic/i;

/** A value without the quotes around it and the word for its scheme, as in `Bearer …`. */
export function valueSpan(text: string, from: number, to: number): Span {
  let [start, end] = [from, to];
  const quote = text.charAt(start);
  if ((quote === '"' || quote === "'") && end - start >= 2 && text.charAt(end - 1) === quote) {
    start++;
    end--;
  }
  const scheme =
    /^(?:bearer|basic|token|apikey|digest|negotiate)(?:[\t-\r ]+|%20|\+)(?=[^\t-\r ])/i.exec(
      text.slice(start, end),
    );
  return spanOf(text, start + (scheme?.[0].length ?? 0), end);
}

const token = new RegExp(
  `(?<![A-Za-z0-9])(?:${tokenForms.map(({ head, rest }) => head + rest).join("|")})`,
  "g",
);
const cutToken = new RegExp(
  `(?<![A-Za-z0-9])(?:${tokenForms.map(({ head }) => head).join("|")})[\\w./+=-]{0,128}$`,
);

function findTokens(text: string, isCut: boolean): readonly Span[] {
  const spans = [...text.matchAll(token)].map(({ 0: match, index }) =>
    spanOf(text, index, index + match.length),
  );
  const cut = isCut ? cutToken.exec(text) : null;
  if (cut !== null) spans.push(spanOf(text, cut.index));
  return spans;
}

/** `scheme://user:SECRET@host`; the password may hold what should be encoded, but for spaces. */
const userInfo =
  /[A-Za-z][A-Za-z0-9+.-]{1,30}:\/\/([^\t-\r /:@'"?#]{0,256}):([^\t-\r '"]{1,1024})@/g;
/** `https://TOKEN@host`: a name of that length is none. */
const userToken = /https?:\/\/([A-Za-z0-9_.~%-]{20,512})(?::x-oauth-basic)?@/g;
const cutUserInfo =
  /[A-Za-z][A-Za-z0-9+.-]{1,30}:\/\/[^\t-\r /:@'"?#]{0,256}:([^\t-\r '"@]{1,128})$/;
const port = /^\d{1,5}(?:[/?#]|$)/;

function findUserInfo(text: string, isCut: boolean): readonly Span[] {
  const spans: Span[] = [];
  for (const { 0: match, 1: user = "", 2: password = "", index } of text.matchAll(userInfo)) {
    if (port.test(password) && /[/?#]/.test(password)) continue;
    const end = index + match.length - 1;
    if (password === "x-oauth-basic") spans.push(spanOf(text, end - 14 - user.length, end - 14));
    else spans.push(...passwordIn(text, end - password.length, end));
  }
  for (const { 0: match, 1: user = "", index } of text.matchAll(userToken)) {
    const start = index + match.indexOf("://") + 3;
    if (/\d/.test(user)) spans.push(spanOf(text, start, start + user.length));
  }
  const cut = isCut ? cutUserInfo.exec(text) : null;
  const [, rest = ""] = cut ?? [];
  if (cut !== null && !port.test(rest)) spans.push(spanOf(text, text.length - rest.length));
  return spans;
}

/** The greedy match may reach into a second address: each has its own password. */
function passwordIn(text: string, start: number, end: number): readonly Span[] {
  const value = text.slice(start, end);
  const first = value.indexOf("@");
  const next = first < 0 ? -1 : value.indexOf("://", first);
  if (next < 0) return isReference(value) ? [] : [spanOf(text, start, end)];
  const head = spanOf(text, start, start + value.lastIndexOf("@", next));
  const colon = value.indexOf(":", next + 3);
  return colon < 0 ? [head] : [head, spanOf(text, start + colon + 1, end)];
}

function isReference(value: string): boolean {
  return /^(?:\$\w+|\$\{[^}]*\}|\*+|<[^>]*>)$/.test(value);
}

/** Headers of HTTP: the value ends with the line or the quote that the header began behind. */
const header =
  /(?:^|[\t-\r "'=,{\\])((?:proxy-)?authorization|(?:set-)?cookie|x-[a-z0-9-]{0,48}?(?:token|key|secret|auth|password|signature)[a-z0-9-]{0,48}|private-token|job-token|deploy-token|api-?key|dd-api-key|ocp-apim-subscription-key)\\?["']?[\t-\r ]*:[\t-\r ]*\\?(["']?)(?=[^\t-\r "'])/gi;
/** A header whose value went on in another argument. */
const schemeWord = /^(?:bearer|basic|token|apikey|digest|negotiate)$/i;
const bearer = /\b(?:Bearer|Basic)[\t-\r ]+([\w.~+/=-]{8,})/g;

function findHeaders(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (const { 0: match, 2: quote = "", index } of text.matchAll(header)) {
    const start = index + match.length;
    const opener = match.charAt(0);
    const stop = quote !== "" ? quote : /["']/.test(opener) ? opener : "\n";
    const found = text
      .slice(start)
      .search(stop === "\n" ? /[\r\n]/ : new RegExp(`\\\\?${stop}|[\\r\\n]`));
    const value = valueSpan(text, start, found < 0 ? text.length : start + found);
    if (!schemeWord.test(value.secret)) spans.push(value);
  }
  for (const { 0: match, 1: value = "", index } of text.matchAll(bearer)) {
    const end = index + match.length;
    if (/[\d+/=._-]/.test(value)) spans.push(spanOf(text, end - value.length, end));
  }
  return spans;
}

/** A name, and what parts it from its value. */
const assignment =
  /(?<![A-Za-z0-9_])([A-Za-z_][\w.[\]-]{0,128})(\\?["']?)([\t-\r ]*(?::=|=>|=|:)[\t-\r ]*|%3[AD])(?=[^\t-\r ])/gi;
const quotedValue = /^\\?(["'])((?:\\(?!\1).|(?!\1)[^\\])*)/s;
const bareValue = /^[^\t-\r "'&;,|<>()}\]]+/;
/** In an address, a shorter name is enough. */
const addressName =
  /^(?:key|sig|sign|signature|x-amz-signature|x-amz-credential|code|auth|pass|pwd|sas|sv_sig)$/i;

function findAssignments(text: string): readonly Span[] {
  const spans: Span[] = [];
  const pattern = new RegExp(assignment);
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const value = assignedSecret(text, match);
    if (value === undefined) continue;
    spans.push(value);
    // What is within a secret needs no search.
    pattern.lastIndex = Math.max(pattern.lastIndex, value.end);
  }
  return spans;
}

/** The value of an assignment, if it is a secret. */
function assignedSecret(text: string, match: RegExpExecArray): Span | undefined {
  const { 0: whole, 1: name = "", 2: closing = "", 3: sign = "", index } = match;
  const isQuery = /[?&]/.test(text.charAt(index - 1)) && sign === "=";
  const kind = isQuery && addressName.test(name) ? "doubtful" : nameKind(name);
  const isHeader = sign.includes(":") && /authorization$/i.test(name);
  if (kind === undefined || isHeader) return undefined;
  const value = valueAt(text, index + whole.length);
  if (value === undefined || isHarmlessValue(value.secret, kind)) return undefined;
  const isProse = sign.includes(":") && !isColonValue(text, index, value, closing, sign);
  return isProse ? undefined : value;
}

function valueAt(text: string, start: number): Span | undefined {
  const rest = text.slice(start, start + 16_384);
  const quoted = quotedValue.exec(rest);
  if (quoted !== null) {
    const [whole, , inner = ""] = quoted;
    const end = start + whole.length;
    // A quote that is escaped itself closes with its backslash before it.
    const kept = whole.startsWith("\\") ? inner.replace(/\\+$/, "").length : inner.length;
    return valueSpan(text, end - inner.length, end - inner.length + kept);
  }
  if (rest.startsWith("<redacted:")) return undefined;
  const [bare] = bareValue.exec(rest) ?? [];
  return bare === undefined ? undefined : valueSpan(text, start, start + bare.length);
}

/** `name: value` is prose as a rule; as JSON, as a header or without a space it is not. */
function isColonValue(
  text: string,
  index: number,
  value: Span,
  closing: string,
  sign: string,
): boolean {
  if (text.startsWith("//", value.start)) return false;
  const quote = text.charAt(value.start - 1);
  const isQuoted = closing !== "" || (/["']/.test(quote) && text.charAt(value.end) === quote);
  if (isQuoted || !/[\t-\r ]/.test(sign)) return true;
  const isLineEnd = /^[ \t]*(?:\r?\n|$)/.test(text.slice(value.end, value.end + 64));
  const isLineStart = index === 0 || /[\n\t-\r -]/.test(text.charAt(index - 1));
  return isLineStart && isLineEnd && value.secret.length >= 6 && /\d/.test(value.secret);
}
