import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { footprint } from "#product/footprint.ts";
import { claims } from "#product/promise.ts";
import type { Facts, OpenrcFacts } from "#verify/facts.ts";
import { checks, verify } from "#verify/verify.ts";
import { breakages, openrcBreakages } from "./breakages.ts";
import {
  ids,
  place,
  rootsEntry,
  soundFacts,
  soundService,
  supervisorWithout,
  withAccounts,
  withAudit,
  withDirectory,
  withFiles,
  withGroup,
  withOpenrc,
  withProperty,
} from "./sound-host.ts";

const { account, auditGroup } = footprint;

function resultOf(id: string, facts: Facts): string | undefined {
  return verify(facts).find(({ check }) => check.id === id)?.result;
}

describe("verify()", () => {
  test("passes every check on a sound host", () => {
    const others = verify(soundFacts).filter(({ result }) => result !== "pass");

    assert.deepEqual(
      others.map(({ check, detail }) => `${check.id}: ${detail}`),
      [],
    );
  });

  test("has something to break every check", () => {
    assert.deepEqual(Object.keys(breakages).toSorted(), checks.map(({ id }) => id).toSorted());
  });

  for (const [id, hosts] of Object.entries(breakages)) {
    test(`fails ${id} where it is not so`, () => {
      for (const [index, facts] of hosts.entries()) {
        assert.equal(resultOf(id, facts), "fail", `host ${index}`);
      }
    });
  }

  test("knows nothing where nothing could be looked at, and passes nothing", () => {
    const why = { why: "it is dark" };
    const directories = soundFacts.files.directories.map((found) => ({
      ...found,
      itself: why,
      content: why,
    }));
    const dark: Facts = {
      accounts: {
        ...{ own: why, all: why, groups: why, password: why, mentions: why },
        ...{ greatestSystemUid: 999, readers: why },
      },
      files: {
        directories,
        ...{ installed: why, parents: why, capabilities: why, changed: why, writable: why },
      },
      processes: why,
      service: why,
      audit: {
        ...{ daemonConfig: why, directory: why, log: why },
        ...{ rulesFile: why, wantedRules: why, loadedKeys: why },
      },
      console: why,
    };

    for (const { check, result, detail } of verify(dark)) {
      assert.deepEqual([result, detail], ["unknown", "it is dark"], check.id);
    }
  });

  test("knows nothing of processes where none runs", () => {
    const found = verify({ ...soundFacts, processes: { value: [] } });

    const results = found.filter(({ check }) => check.id.startsWith("process."));
    assert.deepEqual(
      results.map(({ result }) => result),
      ["fail", ...results.slice(1).map(() => "unknown")],
    );
  });

  test("fails one check only where there is no account", () => {
    const found = verify(withAccounts({ own: { value: undefined } }));

    const failed = found.filter(({ result }) => result === "fail").map(({ check }) => check.id);
    assert.deepEqual(failed, ["account.exists", "process.account", "process.groups"]);
  });

  test("passes all on a sound host of OpenRC but what that cannot have", () => {
    const others = verify(withOpenrc({})).filter(({ result }) => result !== "pass");

    assert.deepEqual(
      others.map(({ check, result }) => `${result} ${check.id}`),
      [
        "process.seccomp",
        ...["identity", "kernel", "calls", "network", "resources"].map((name) => `sandbox.${name}`),
      ].map((id) => `not-applicable ${id}`),
    );
    assert.ok(others.every(({ detail }) => detail.startsWith("OpenRC ")));
  });

  for (const [id, hosts] of Object.entries(openrcBreakages)) {
    test(`fails ${id} on a host of OpenRC where it is not so`, () => {
      for (const [index, facts] of hosts.entries()) {
        assert.equal(resultOf(id, facts), "fail", `host ${index}`);
      }
    });
  }

  test("bears a bounding set on OpenRC, as nothing comes of it where no right can be gained", () => {
    const facts = withOpenrc({}, { capabilities: ["CapBnd"] });

    assert.equal(resultOf("process.no-capabilities", facts), "pass");
  });

  test("knows of OpenRC's supervisor only what its command tells", () => {
    const ids = ["service.command", "service.account", "sandbox.files"];
    const results = (supervisor: OpenrcFacts["supervisor"]) =>
      ids.map((id) => resultOf(id, withOpenrc({ supervisor })));
    const plain = supervisorWithout(/^--landlock|^(?:fs|path-beneath):/);

    assert.deepEqual(results(plain), ["pass", "pass", "not-applicable"]);
    const other = { value: ["supervise-daemon", "linuxguard", "--reexec"] };
    for (const supervisor of [{ value: undefined }, other, { why: "it is dark" }]) {
      assert.deepEqual(results(supervisor), ["unknown", "unknown", "unknown"]);
    }
  });

  test("misses the files of the service manager that the package is for", () => {
    const bare = (missing: string, there: readonly string[]) =>
      withFiles({
        installed: {
          value: { entries: there.map((path) => rootsEntry(path)), missing: [missing] },
        },
      });
    const { script, settings } = footprint.openrc;

    assert.equal(resultOf("file.owner", bare(footprint.files.unit.path, [])), "fail");
    assert.equal(resultOf("file.owner", bare(footprint.files.unit.path, [script.path])), "pass");
    assert.equal(resultOf("file.owner", bare(settings.path, [script.path])), "fail");
    assert.equal(resultOf("file.owner", bare(script.path, [])), "pass");
  });

  test("passes the service and its sandbox as systemd 257 tells of them", () => {
    const found = verify({ ...soundFacts, service: { value: soundService(257) } });

    assert.deepEqual(
      found
        .filter(({ result }) => result !== "pass")
        .map(({ check, detail }) => [check.id, detail]),
      [],
    );
  });

  test("names directives that an old systemd does not know, and judges by the others", () => {
    const { service } = soundFacts;
    assert.ok(!("why" in service) && service.value.manager === "systemd");
    const { properties } = service.value;
    const old = new Map([...properties].filter(([name]) => name !== "ProtectClock"));
    const facts = { ...soundFacts, service: { value: { manager: "systemd", properties: old } } };

    const found = verify(facts as Facts).find(({ check }) => check.id === "sandbox.kernel");

    assert.equal(found?.result, "pass");
    assert.match(found?.detail ?? "", /not known to this systemd: ProtectClock/);
  });

  test("bears drop-ins that close more, and names those that open", () => {
    const closed = [
      withProperty("IPAddressDeny", "0.0.0.0/0 ::/0"),
      withProperty("MemoryMax", "134217728"),
    ];
    const opened = withProperty("DropInPaths", "/etc/systemd/system/linuxguard.service.d/x.conf");

    for (const facts of closed) {
      assert.equal(resultOf("sandbox.network", facts), "pass");
      assert.equal(resultOf("sandbox.resources", facts), "pass");
    }
    const found = verify(opened).find(({ check }) => check.id === "sandbox.files");
    assert.match(found?.detail ?? "", /drop-ins: \/etc\/systemd\/system\/linuxguard/);
  });

  test("takes readers that root noted for no others", () => {
    const facts = withGroup(account.group, ids.gid, ["alice"]);
    const having = (readers: Facts["accounts"]["readers"]) =>
      resultOf("account.no-others", { ...facts, accounts: { ...facts.accounts, readers } });

    assert.equal(having({ value: ["alice"] }), "pass");
    assert.equal(having({ value: ["bob"] }), "fail");
    assert.equal(having({ why: "only root may read it" }), "unknown");
  });

  test("takes the audit log for readable by an access control list", () => {
    const read = { value: new Map([[auditGroup, "r--"]]) };
    const enter = { value: new Map([[auditGroup, "r-x"]]) };
    const directory = { kind: "directory", path: "/var/log/audit", gid: 4, mode: 0o750 } as const;

    const facts = withAudit({ log: place({ gid: 4 }, read), directory: place(directory, enter) });

    assert.equal(resultOf("audit.log-readable", facts), "pass");
    assert.equal(resultOf("audit.log-not-writable", facts), "pass");
  });

  test("does not miss the runtime directory of a service that does not run", () => {
    const facts = { ...withDirectory("run", undefined), processes: { value: [] } };

    assert.equal(resultOf("directory.run", facts), "unknown");
  });

  test("lets root write settings", () => {
    const settings = [rootsEntry("/etc/linuxguard/conf.d", 0o755, "directory")];

    assert.equal(resultOf("directory.etc-content", withDirectory("etc", {}, settings)), "pass");
    assert.equal(resultOf("directory.lib-content", withDirectory("lib", {}, settings)), "fail");
  });
});

describe("The checks", () => {
  test("prove every sentence of the promise that can be checked, and no other", () => {
    const checked = claims.filter((claim) => !("unchecked" in claim)).map(({ id }) => id);
    const proved = new Set(checks.flatMap((check) => check.claims));

    assert.deepEqual([...proved].toSorted(), checked.toSorted());
  });

  test("have ids of their own", () => {
    assert.equal(new Set(checks.map(({ id }) => id)).size, checks.length);
  });
});
