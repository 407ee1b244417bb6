/** What an enrolment token says; the console shows it once, and it is good for one host. */
export interface EnrolmentToken {
  /** Where the console is, `https://…/v1/`; `undefined` where the settings tell. */
  readonly url: string | undefined;
  /**
   * SHA-256 of the public key of the console's certificate authority (SubjectPublicKeyInfo), in
   * hexadecimal; `undefined` where the console has a certificate that any host trusts.
   */
  readonly caPin: string | undefined;
  readonly secret: string;
}

const version = "lgc1";

/**
 * Reads a token, `lgc1.URL.PIN.SECRET` with the URL in base64url and PIN empty for none, or
 * `undefined` for what looks like one but is damaged. Any other word is a secret alone.
 */
export function parseEnrolmentToken(text: string): EnrolmentToken | undefined {
  if (!text.startsWith(`${version}.`)) {
    return isSecret(text) ? { url: undefined, caPin: undefined, secret: text } : undefined;
  }
  const [, encodedUrl = "", pin = "", secret = "", ...more] = text.split(".");
  const url = decodeUrl(encodedUrl);
  if (url === undefined || !isSecret(secret) || more.length > 0) return undefined;
  if (pin !== "" && !/^[0-9a-f]{64}$/.test(pin)) return undefined;
  return { url, caPin: pin === "" ? undefined : pin, secret };
}

/** The token as text, as the console shows it. */
export function renderEnrolmentToken(token: EnrolmentToken & { readonly url: string }): string {
  const encoded = btoa(token.url).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return [version, encoded, token.caPin ?? "", token.secret].join(".");
}

function isSecret(text: string): boolean {
  return /^[A-Za-z0-9_~+/=-]{1,512}$/.test(text);
}

/** The address in base64url, if it is one of HTTPS without credentials. */
function decodeUrl(text: string): string | undefined {
  if (!/^[A-Za-z0-9_-]{1,1024}$/.test(text) || text.length % 4 === 1) return undefined;
  const url = URL.parse(atob(text.replaceAll("-", "+").replaceAll("_", "/")));
  if (url?.protocol !== "https:" || url.username !== "" || url.password !== "") return undefined;
  return url.href;
}
