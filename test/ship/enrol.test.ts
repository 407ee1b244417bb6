import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Failure, type FailureCode } from "#base/failure.ts";
import { createCertificateRequest } from "#ship/certificate-request.ts";
import { type Ask, enrol, renew, requireToken } from "#ship/enrol.ts";
import { identityFile, readHandedKey, readIdentity, writeIdentity } from "#ship/identity.ts";
import { fetchPinnedAuthority } from "#ship/pinned-authority.ts";
import { type Console, startConsole } from "#test/support/console/console.ts";
import { post } from "#test/support/console/raw-client.ts";

const request = {
  agent_version: "0.1.0",
  host: { key: "0".repeat(32), name: "web1", os: "Debian 12", architecture: "x86_64" },
};

test("enrol() makes a key here, and the console certifies it for the token", async (context) => {
  const { console, folder } = await start(context);
  const token = requireToken(console.issueToken());
  const authorityPem = await fetchPinnedAuthority(console.url, token.caPin ?? "");
  const address = { url: console.url, authorityPem };

  const identity = await enrol(
    address,
    { ...request, token: token.secret },
    { ask: askAt(address) },
  );
  writeIdentity(folder, identity);

  const certificate = new X509Certificate(identity.certificatePem);
  assert.ok(certificate.checkPrivateKey(createPrivateKey(identity.keyPem)));
  assert.ok(certificate.verify(new X509Certificate(authorityPem).publicKey));
  assert.match(certificate.subject, new RegExp(identity.agentId));
  assert.ok(identity.renewAfterMs < identity.notAfterMs);
  assert.deepEqual(readIdentity(folder), identity);
  assert.equal(statSync(identityFile(folder)).mode & 0o777, 0o600);
  await assert.rejects(
    enrol(address, { ...request, token: token.secret }, { ask: askAt(address) }),
    isFailure("console.refused"),
  );
});

test("renew() gives the same agent a new key and a new certificate", async (context) => {
  const { console } = await start(context);
  const token = requireToken(console.issueToken());
  const address = { url: console.url, authorityPem: console.ca };
  const before = await enrol(address, { ...request, token: token.secret }, { ask: askAt(address) });

  const after = await renew(before, { ask: askAt(address, before) });

  assert.equal(after.agentId, before.agentId);
  assert.notEqual(after.keyPem, before.keyPem);
  assert.notEqual(after.certificatePem, before.certificatePem);
  const again = await renew(after, { ask: askAt(address, after) });
  assert.equal(again.agentId, before.agentId);
});

test("A key that the service manager hands over is certified, and is written down nowhere", async (context) => {
  const { console, folder } = await start(context);
  const token = requireToken(console.issueToken());
  const address = { url: console.url, authorityPem: console.ca };
  const credentials = temporaryFolder(context);
  const { keyPem } = await createCertificateRequest("any");
  writeFileSync(join(credentials, "client.key"), keyPem);
  const handedKeyPem = readHandedKey(credentials);

  const ways = { ask: askAt(address), handedKeyPem };
  const identity = await enrol(address, { ...request, token: token.secret }, ways);
  writeIdentity(folder, identity, handedKeyPem);

  assert.equal(identity.keyPem, keyPem);
  assert.ok(!readFileSync(identityFile(folder), "utf8").includes("PRIVATE KEY"));
  assert.deepEqual(readIdentity(folder, handedKeyPem), identity);
  assert.throws(() => readIdentity(folder), isFailure("identity.damaged"));
  const after = await renew(identity, { ask: askAt(address, identity), handedKeyPem });
  assert.equal(after.keyPem, keyPem);
  assert.equal(readHandedKey(undefined), undefined);
});

test("fetchPinnedAuthority() believes nobody but the authority with the pin", async (context) => {
  const [{ console }, other] = [await start(context), await start(context)];
  const { caPin = "" } = requireToken(other.console.issueToken());

  await assert.rejects(fetchPinnedAuthority(console.url, caPin), isFailure("console.untrusted"));
  await assert.rejects(
    fetchPinnedAuthority("https://127.0.0.1:1/v1/", caPin),
    isFailure("console.unreachable"),
  );
});

test("enrol() names what a console did wrong, and takes no half an answer", async (context) => {
  const { console } = await start(context);
  const address = { url: console.url, authorityPem: console.ca };
  const asked = { ...request, token: "t" };
  const answers: readonly (readonly [Awaited<ReturnType<Ask>>, FailureCode])[] = [
    [{ kind: "failed", reason: "timeout" }, "console.unreachable"],
    [{ kind: "answered", status: 403, text: '{"code":"x","message":"no"}' }, "console.refused"],
    [{ kind: "answered", status: 500, text: "<html>" }, "console.refused"],
    [{ kind: "answered", status: 200, text: "{}" }, "console.untrusted"],
    [{ kind: "answered", status: 200, text: "[".repeat(100) }, "console.untrusted"],
  ];
  for (const [answer, code] of answers) {
    await assert.rejects(
      enrol(address, asked, { ask: async () => await Promise.resolve(answer) }),
      isFailure(code),
    );
  }
});

test("readIdentity() knows none where there is none, and refuses what is none", (context) => {
  const folder = temporaryFolder(context);
  const path = identityFile(folder);

  assert.equal(readIdentity(folder), undefined);
  for (const text of ["", "{}", '{"agentId":1}', "\0"]) {
    writeFileSync(path, text);
    assert.throws(() => readIdentity(folder), isFailure("identity.damaged"));
  }
  rmSync(path);
  symlinkSync("/etc/passwd", path);
  assert.throws(() => readIdentity(folder), isFailure("identity.damaged"));
  assert.deepEqual(readdirSync(folder), ["identity.json"]);
});

test("requireToken() never tells a token, not even a damaged one", () => {
  assert.throws(
    () => requireToken("lgc1.secret-part"),
    (error) => isFailure("console.refused")(error) && !String(error).includes("secret-part"),
  );
});

async function start(context: TestContext): Promise<{ console: Console; folder: string }> {
  const folder = temporaryFolder(context);
  const console = await startConsole({ folder: join(folder, "console") });
  context.after(async () => await console.stop());
  return { console, folder: join(folder, "state") };
}

function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "enrol-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function askAt(
  { url, authorityPem: ca = "" }: { url: string; authorityPem: string | undefined },
  identity?: { readonly keyPem: string; readonly certificatePem: string },
): Ask {
  const own = identity && { key: identity.keyPem, cert: identity.certificatePem };
  return async (path, body) => {
    const { status, body: text } = await post({ url, ca, ...own }, path, { body });
    return { kind: "answered", status, text: text.toString("utf8") };
  };
}

function isFailure(code: FailureCode) {
  return (error: unknown) => error instanceof Failure && error.code === code;
}
