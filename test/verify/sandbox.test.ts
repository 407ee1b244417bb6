import assert from "node:assert/strict";
import { test } from "node:test";
import { renderService } from "#build/units/service.ts";
import { sandbox } from "#verify/sandbox.ts";

/** Directives that say how the agent is run, and take nothing away from it. */
const others = [
  ...["Type", "ExecStart", "ExecReload", "Restart", "RestartSec", "RestartPreventExitStatus"],
  ...["TimeoutStopSec", "KillMode", "OOMPolicy", "User", "Group", "ProcSubset", "Environment"],
  ...["SystemCallErrorNumber", "CPUWeight", "CPUQuota", "IOWeight", "Nice"],
];
/** Those that systemd tells of in other words than they are written in. */
const translated = ["SystemCallFilter", "IPAddressDeny", "MemoryHigh", "MemoryMax"];

const [, section = ""] = renderService().split("[Service]\n");
const lines = [...section.matchAll(/^(?<key>[A-Za-z]+)=(?<value>.*)$/gm)]
  .map(({ groups }) => ({ key: groups?.key ?? "", value: groups?.value ?? "" }))
  .filter(({ key }) => key !== "WantedBy" && !others.includes(key));
const directives = sandbox.flatMap((group) => group.directives);

test("The sandbox that is checked is all of the sandbox in the service's file", () => {
  const checked = directives.map(({ property }) => property);

  assert.ok(lines.length > 40);
  assert.deepEqual(
    lines.filter(({ key }) => !checked.includes(key)),
    [],
  );
});

test("The sandbox that is checked has the values of the service's file", () => {
  const plain = lines.filter(({ key }) => !translated.includes(key));

  const wrong = plain.filter(({ key, value }) =>
    directives.some(
      ({ property, findFault }) => property === key && findFault(value) !== undefined,
    ),
  );

  assert.deepEqual(wrong, []);
});
