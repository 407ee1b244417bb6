import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { claims } from "#product/promise.ts";

const text = readFileSync("docs/PROMISE.txt", "utf8");

/** What is left of the promise without its sentences: it claims nothing. */
const frame = `
Security Architecture
Security-First Design Principles
LinuxGuard follows industry best practices for secure agent deployment:
Installation Security Model
Dedicated User Account
This user account:
Directory Structure and Permissions
Agent-Owned Directories (read-write access):
All agent-owned directories are:
System Component Access (read-only access):
Audit System Integration
The installer:
Service Management
The installer:
Runtime Security
Once installed and running, the LinuxGuard agent:
Security Benefits
This security model provides several key benefits:
Verification
You can verify the security configuration after installation:
# Check the agent user exists
id linuxguard
# Verify agent processes run as non-root
ps aux | grep linuxguard-agent
# Check directory permissions
ls -la /etc/linuxguard
ls -la /var/lib/linuxguard
ls -la /var/log/linuxguard
Best Practices
When deploying LinuxGuard in your environment:
Related: Installation | Troubleshooting
Last updated
Was this helpful?
`;

test("Every sentence of the promise is a claim, once, word for word and in its order", () => {
  let rest = text;
  let from = 0;
  for (const { sentence } of claims) {
    const at = rest.indexOf(sentence, from);
    assert.ok(at >= 0, `Not in the promise, or not in this place: ${sentence}`);
    rest = rest.slice(0, at) + rest.slice(at + sentence.length);
    from = at;
  }

  const left = rest.split("\n").map((line) => line.replace(/^\s*(?:•|\d\.)?\s*/, "").trim());
  assert.deepEqual(
    left.filter((line) => line !== ""),
    frame.trim().split("\n"),
  );
  assert.equal(claims.length, 52);
});

test("Claims have ids of their own", () => {
  assert.equal(new Set(claims.map(({ id }) => id)).size, claims.length);
});
