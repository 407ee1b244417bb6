/** How sure a name is: `doubtful` ones also stand before a path, a method or a mode. */
export type NameKind = "secret" | "doubtful";

/**
 * Tells whether the name of an option, a variable or a member says that its value is a secret. What
 * is behind the word decides: `token` is a secret, `token_ttl` and `password-file` are none.
 */
export function nameKind(name: string): NameKind | undefined {
  if (name.length > longestName) return undefined;
  const words = name
    .replace(/^[-/+]+/, "")
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "_")
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .toLowerCase()
    .replace(suffix, "");
  if (harmless.test(words)) return undefined;
  if (secret.test(words)) return "secret";
  return doubtful.test(words) ? "doubtful" : undefined;
}

/** Tells whether a value behind such a name is none: a path, a reference, a mode or nothing. */
export function isHarmlessValue(value: string, kind: NameKind): boolean {
  if (!/[A-Za-z0-9\x80-\xff]/.test(value) && value.length < 4) return true;
  if (commonWord.test(value) || reference.test(value)) return true;
  return kind === "doubtful" && (modeWord.test(value) || anyPath.test(value));
}

const longestName = 200;

/** What may follow the telling word without changing what it tells. */
const suffix =
  /(?:_?\d+|_(?:value|text|string|plain|plaintext|cleartext|raw|old|new|current|b64|base64|base|hash|confirm|confirmation|override))+$/;

const secret = new RegExp(
  "(?:" +
    [
      "passwords?|passwd|passwort|pass_?phrase|passcode|passw|kennwort",
      "(?:^|_)pass|(?:store|key|user|db|root|admin|require|master|my|sql|srp|bind|http|ftp|proxy)_?pass",
      "(?:^|_)(?:pw|psk|pwhash)|(?:user|root|admin|owner|bind)_?pw|(?<!^)(?<!^old)pwd",
      "secret|token|bearer|authorization|(?:^|_)jwt",
      "(?:api|access|secret|account|auth|encryption|enc|encrypt|signing|sign|master|license|licence|storage|shared|session|service|app|application|consumer|admin|write|ingest|ingestion|integration|subscription|project|write)_?keys?",
      "key_?base|connection_?string|(?:^|_)(?:pat|otp|totp)",
    ].join("|") +
    ")$",
);
const doubtful =
  /(?:(?:^|_)(?:auth|creds?|credentials?|cookies?|pin|sas|sig|signature|community)|(?:private|client|deploy|ssh|host|server)_?key|session_?id|oauth2?|^(?:old)?pwd)$/;
const harmless = new RegExp(
  "^(?:no|skip|without|disable|disabled|use|enable|enabled|require|allow|force|has|with|ask|show|prompt|need|is|enforce|empty)_" +
    "|askpass$|auth_user_pass$|by_?pass$|compass$|trespass$|surpass$|(?:^|_)one_?pass$|kee_?pass$|max_tokens?$|_no_pass(?:word)?$",
);

const commonWord =
  /^(?:true|false|yes|no|on|off|none|null|nil|undefined|prompt|ask|stdin|-|\d{0,2}|\*+|x{3,}|\.{3,})$/i;
/** A file or variable that holds the secret, as programs write it. */
const reference =
  /^(?:file:|env:|fd:|fd=|@[./~-]|\/(?:run|etc|var|home|root|tmp|usr|opt|mnt|srv|proc|dev|data|secrets?|config)\/|~\/|\.{1,2}\/|arn:aws:|id=|source=|src=|type=|name=|target=|\{\{|<redacted:[0-9a-f]{12}>$)/;
const anyPath =
  /^(?:\/|~|\.{1,2}\/|[A-Za-z]:\\)|\.(?:pem|key|crt|cer|json|ya?ml|txt|conf|pub|p12|pfx|jks|cfg|ini|xml|toml|db|jar|csv)$/i;
const modeWord =
  /^(?:basic|digest|ntlm|negotiate|kerberos|krb5|gssapi|plain|login|cram-?md5|md5|trust|peer|ident|scram[\w-]*|sha-?\d+|enabled?|disabled?|auto|required?|optional|default|any|all|public|private|anonymous|password|passwd|pam|ldap|oauth2?|token|keyring|file|system|local|internal|external|never|always|allow|deny|hmac[\w-]*|bearer|saml|oidc|iam|cert|certificate|x509|\d{1,3})$/i;
