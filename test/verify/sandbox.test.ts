import assert from "node:assert/strict";
import { test } from "node:test";
import { renderService } from "#build/units/service.ts";
import { sandboxProperties } from "#verify/sandbox.ts";

/** Directives that say how the agent is run, and take nothing away from it. */
const others = [
  ...["Type", "ExecStart", "ExecReload", "Restart", "RestartSec", "RestartPreventExitStatus"],
  ...["TimeoutStopSec", "KillMode", "OOMPolicy", "User", "Group", "ProcSubset"],
  ...["SystemCallErrorNumber", "CPUWeight", "CPUQuota", "IOWeight", "Nice"],
];

test("The sandbox that is checked is that of the service's file", () => {
  const [, section = ""] = renderService().split("[Service]\n");
  const keys = [...section.matchAll(/^(?<key>[A-Za-z]+)=/gm)].map(
    ({ groups }) => groups?.key ?? "",
  );

  const wanted = keys.filter((key) => key !== "WantedBy" && !others.includes(key));

  assert.ok(wanted.length > 40);
  assert.deepEqual(
    wanted.filter((key) => !sandboxProperties.includes(key)),
    [],
  );
});
