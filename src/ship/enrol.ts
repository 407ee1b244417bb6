import { Failure } from "#base/failure.ts";
import { decode } from "#wire/decode.ts";
import { type EnrolmentToken, parseEnrolmentToken } from "#wire/enrolment-token.ts";
import { operations } from "#wire/operations.ts";
import { type EnrolRequest, errorAnswer, type IdentityAnswer } from "#wire/shapes.ts";
import type { Identity } from "./identity.ts";

/** What a console said to a message; `failed` if it could not be asked. */
type Reply =
  | { readonly kind: "answered"; readonly status: number; readonly text: string }
  | { readonly kind: "failed"; readonly reason: string };

/** Sends a message to a path below the console's address. */
export type Ask = (path: string, json: string) => Promise<Reply>;

/** Where to ask, and whose certificates to trust there. */
export interface ConsoleAddress {
  readonly url: string;
  /** `undefined` for the system's authorities. */
  readonly authorityPem: string | undefined;
}

/** Reads a token, or throws `console.refused` without telling it. */
export function requireToken(text: string): EnrolmentToken {
  const token = parseEnrolmentToken(text.trim());
  if (token !== undefined) return token;
  throw new Failure("console.refused", "Cannot read the enrolment token: it is not told here", {
    hint: "It is damaged. Copy it again, in one piece, as the console shows it.",
  });
}

/**
 * Has the console let this host in, under a key that is made here, or the one that the service manager
 * hands over. Throws `console.unreachable`, `console.untrusted` or `console.refused`.
 */
export async function enrol(
  console: ConsoleAddress,
  request: Omit<EnrolRequest, "certificate_request">,
  { ask, handedKeyPem }: { readonly ask: Ask; readonly handedKeyPem?: string | undefined },
): Promise<Identity> {
  // Loaded where it is needed: an agent needs it once in months.
  const { createCertificateRequest } = await import("./certificate-request.ts");
  const { keyPem, requestPem } = await createCertificateRequest(request.host.key, handedKeyPem);
  const message = { ...request, certificate_request: requestPem } satisfies EnrolRequest;
  const answer = await askForIdentity(operations.enrol, message, { console, ask });
  return identityOf(answer, { console, keyPem });
}

/**
 * The same for a host that is known, over a connection that its certificate proves. The key is new,
 * unless it is handed over.
 */
export async function renew(
  identity: Identity,
  { ask, handedKeyPem }: { readonly ask: Ask; readonly handedKeyPem?: string | undefined },
): Promise<Identity> {
  const { createCertificateRequest } = await import("./certificate-request.ts");
  const { keyPem, requestPem } = await createCertificateRequest(identity.agentId, handedKeyPem);
  const console = { url: identity.url, authorityPem: identity.authorityPem };
  const message = { certificate_request: requestPem };
  const answer = await askForIdentity(operations.renew, message, { console, ask });
  if (answer.agent_id !== identity.agentId) throw unexpected(console, "it gave another agent's id");
  return identityOf(answer, { console, keyPem });
}

async function askForIdentity(
  operation: typeof operations.enrol | typeof operations.renew,
  message: object,
  { console, ask }: { readonly console: ConsoleAddress; readonly ask: Ask },
): Promise<IdentityAnswer> {
  const reply = await ask(operation.path, JSON.stringify(message));
  if (reply.kind === "failed") {
    throw new Failure("console.unreachable", `Cannot reach ${console.url}: ${reply.reason}`, {
      hint: "Check the address, the name service and the way through firewalls.",
    });
  }
  if (reply.status !== 200) throw refusal(operation, console, reply);
  const answer = decode(operation.answer, reply.text);
  if (answer.kind === "decoded") return answer.value;
  throw unexpected(console, answer.reason);
}

function identityOf(
  answer: IdentityAnswer,
  { console, keyPem }: { readonly console: ConsoleAddress; readonly keyPem: string },
): Identity {
  return {
    agentId: answer.agent_id,
    url: console.url,
    certificatePem: answer.certificate,
    keyPem,
    authorityPem: answer.authority ?? console.authorityPem,
    renewAfterMs: Date.parse(answer.renew_after),
    notAfterMs: Date.parse(answer.not_after),
  };
}

function refusal(
  operation: typeof operations.enrol | typeof operations.renew,
  { url }: ConsoleAddress,
  { status, text }: { readonly status: number; readonly text: string },
): Failure {
  const error = decode(errorAnswer, text);
  const reason = error.kind === "decoded" ? `${error.value.code}: ${error.value.message}` : "";
  const said = `${url}: ${status} ${reason}`.trimEnd();
  if (operation === operations.renew) {
    return new Failure("console.refused", `Cannot renew the certificate at ${said}`, {
      hint: "It is tried again. Once the certificate is over, let this host in with a new token: linuxguard enroll --replace.",
    });
  }
  return new Failure("console.refused", `Cannot enrol at ${said}`, {
    hint: "Tokens are good once, and for a limited time: make a new one at the console.",
  });
}

function unexpected({ url }: ConsoleAddress, reason: string): Failure {
  return new Failure("console.untrusted", `Cannot understand ${url}: ${reason}`, {
    hint: "Check that the address is the console's, and its version.",
  });
}
