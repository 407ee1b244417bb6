import { linuxguard } from "#cli/linuxguard.ts";
import { createAgentProgram } from "#cli/linuxguard-agent.ts";
import { lossReasons } from "#model/ledger.ts";
import { identity } from "#product/identity.ts";
import { renderConfigPage } from "./config-page.ts";
import { renderProgramPage } from "./program-page.ts";
import { renderSetupPage } from "./setup-page.ts";

/** The agent's commands as data; nothing here runs one. */
const agent = createAgentProgram(() => 0);
const files = {
  [identity.configFile]: "Settings. See linuxguard.conf(5).",
  [identity.stateDirectory]: "The spool and the state of the agent.",
};

/** The manual pages, from the tables that the programs themselves use. */
export function manFiles(): ReadonlyMap<string, string> {
  return new Map([
    [
      "man/linuxguard.1",
      renderProgramPage(linuxguard, {
        section: 1,
        tables: { LOSSES: lossReasons, FILES: files },
        seeAlso: ["linuxguard-agent(8)", "linuxguard.conf(5)", "ausearch(8)"],
      }),
    ],
    [
      "man/linuxguard-agent.8",
      renderProgramPage(agent, {
        section: 8,
        tables: {
          FILES: {
            ...files,
            [identity.logDirectory]: "What the agent tells of itself.",
            [identity.auditLog]: "The log that auditd writes.",
          },
        },
        seeAlso: ["linuxguard(1)", "linuxguard.conf(5)", "auditd(8)", "auditd.conf(5)"],
      }),
    ],
    ["man/linuxguard.conf.5", renderConfigPage()],
    ["man/linuxguard-setup.8", renderSetupPage()],
  ]);
}
