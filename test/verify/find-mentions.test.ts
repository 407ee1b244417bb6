import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { findMentions } from "#verify/find-mentions.ts";
import { createHost } from "#verify/host.ts";

const uid = 61_996;
let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "find-mentions-"));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function place(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** The lines that are found in the tree. */
function find(own = uid): readonly string[] {
  const found = findMentions({ ...createHost(), root }, own);
  if ("why" in found) throw new Error(found.why);
  return found.value.lines;
}

for (const [path, line] of [
  ["/etc/sudoers", "linuxguard ALL=(ALL) NOPASSWD: ALL"],
  ["/etc/sudoers", "User_Alias\tAGENTS = alice,linuxguard"],
  ["/etc/sudoers", `#${uid} ALL=(ALL) ALL`],
  ["/etc/sudoers", "alice ALL=(linuxguard) /bin/sh"],
  ["/etc/sudoers.d/10-x", "%linuxguard ALL=(ALL) ALL"],
  ["/etc/sudoers.d/10-x", "%linuxguard-audit ALL=(ALL) ALL"],
  ["/etc/doas.conf", "permit nopass linuxguard as root"],
  ["/etc/doas.d/x.conf", "permit :linuxguard"],
  ["/etc/polkit-1/rules.d/x.rules", 'if (subject.user == "linuxguard") return polkit.Result.YES;'],
  ["/etc/polkit-1/localauthority/50-local.d/x.pkla", "Identity=unix-user:linuxguard"],
  ["/etc/crontab", "17 * * * * linuxguard /bin/true"],
  ["/etc/cron.d/x", "@reboot\tlinuxguard\t/bin/true"],
  ["/etc/at.allow", "linuxguard"],
] as const) {
  test(`findMentions() finds ${line} in ${path}`, () => {
    place(path, `# a comment\n${line}\n`);

    assert.deepEqual(find(), [`${path}:2`]);
  });
}

for (const [path, line] of [
  ["/etc/sudoers", "# linuxguard ALL=(ALL) ALL"],
  ["/etc/sudoers", "alice ALL=(root) /usr/bin/linuxguard verify, /usr/sbin/linuxguard-setup plan"],
  ["/etc/sudoers", `#${uid}0 ALL=(ALL) ALL`],
  ["/etc/sudoers.d/x", "linuxguard-admins ALL=(ALL) ALL"],
  ["/etc/polkit-1/rules.d/x.rules", 'if (action.lookup("unit") == "linuxguard.service") return x;'],
  ["/etc/crontab", "17 * * * * root /usr/bin/linuxguard verify"],
  ["/etc/cron.d/x", "@daily root linuxguard verify"],
  ["/etc/cron.d/x", "MAILTO=linuxguard"],
] as const) {
  test(`findMentions() does not mistake ${line} in ${path}`, () => {
    place(path, `${line}\n`);

    assert.deepEqual(find(), []);
  });
}

test("findMentions() finds a crontab and jobs of the account", () => {
  const table = "/var/spool/cron/crontabs/linuxguard";
  const job = "/var/spool/cron/atjobs/a00001";
  for (const path of [table, "/var/spool/cron/crontabs/alice", job]) place(path, "");

  assert.deepEqual(find(), [table]);
  assert.deepEqual(find(process.geteuid?.()), [table, job]);
});
