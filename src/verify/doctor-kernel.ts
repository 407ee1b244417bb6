import { footprint } from "#product/footprint.ts";
import type { DoctorFacts, KernelStatus } from "./doctor-facts.ts";
import {
  type Diagnosis,
  fault,
  fine,
  judged,
  type Verdict,
  valueIn,
  warning,
} from "./doctor-finding.ts";
import { parseKeys } from "./gather-audit.ts";

const { audit } = footprint;
/** Where rule files are, and what augenrules(8) makes of them. */
const ruleFolder = "/etc/audit";
const taskNever = /^\s*-[aA]\s+(?:task,never|never,task)\b/;
const goodBacklog = 8_192;

/** What is asked of the kernel. */
export const kernelDiagnoses: readonly Diagnosis[] = [
  { id: "kernel.audit", asks: "Does the kernel audit?", judge: judgeAudit },
  {
    id: "kernel.task-never",
    asks: "Is there a rule that switches system calls off?",
    judge: judgeTaskNever,
  },
  { id: "kernel.rules", asks: "Are there audit rules?", judge: judgeRules },
  {
    id: "kernel.locked",
    asks: "Are the rules locked?",
    judge: ({ kernel: { rules, rulesFiles, status } }) =>
      judged(status, (told) => {
        if (told?.enabled !== 2) return fine("the rules are not locked");
        const missing = missingKeys(valueIn(rulesFiles), valueIn(rules) ?? []);
        if (missing.length === 0) return fine("the rules are locked, with ours among them");
        return warning({
          what: "the rules are locked, and ours are not all among them",
          cause: `auditctl -s says enabled 2; not loaded: ${missing.join(", ")}`,
          risk: "what these rules are for is not recorded before the next boot",
          command: "systemctl reboot",
        });
      }),
  },
  {
    id: "kernel.lost",
    asks: "Does the kernel drop records?",
    judge: ({ kernel }) => judged(kernel.status, judgeLost),
  },
];

function judgeAudit({
  kernel: { commandLine, container, status },
}: DoctorFacts): Verdict | undefined {
  const told = valueIn(status);
  const isSilent = "value" in status && told === undefined;
  if (isSilent && container !== undefined) {
    return fault({
      what: "this is a container",
      cause: `${container} shows it; the kernel's audit belongs to the host, where the agent must be`,
      risk: "no audit record ever comes here",
      command: `systemctl disable --now ${footprint.service}`,
    });
  }
  const off = /\baudit=(?:0|off)\b/.exec(valueIn(commandLine) ?? "")?.[0];
  if (off !== undefined && (told?.enabled ?? 0) === 0) {
    return fault({
      what: "the kernel was booted with its audit off",
      cause: `/proc/cmdline has ${off}: take it out where the boot loader has it, then boot again`,
      risk: "nothing is recorded",
      command: "grep -rn audit= /etc/default/grub /etc/kernel /boot/loader",
    });
  }
  return judged(status, judgeEnabled);
}

function judgeEnabled(status: KernelStatus | undefined): Verdict {
  const trouble = { what: "the kernel's audit is off", risk: "nothing is recorded" };
  if (status === undefined) {
    const cause =
      "auditctl gets no answer: this kernel was built without it, or this is a container";
    return fault({ ...trouble, what: "the kernel does not audit", cause, command: "auditctl -s" });
  }
  if (status.enabled !== 0) return fine("the kernel's audit is on");
  const cause = "auditctl -s says enabled 0";
  if (status.pid !== 0) return fault({ ...trouble, cause, command: "auditctl -e 1" });
  return fault({
    ...trouble,
    cause: `${cause}, and no auditd is there to switch it on`,
    command: "systemctl start auditd",
  });
}

function judgeTaskNever({ kernel: { rules, rulesFiles } }: DoctorFacts): Verdict | undefined {
  const loaded = valueIn(rules)?.some((rule) => taskNever.test(rule)) === true;
  const named = valueIn(rulesFiles)?.find(({ text }) =>
    text.split("\n").some((line) => taskNever.test(line)),
  );
  if (loaded) {
    return fault({
      what: "a rule keeps the kernel from recording system calls",
      cause: `-a task,never is loaded${named === undefined ? "" : `, from ${named.path}`}`,
      risk: "no program, file or connection is ever recorded of processes begun since",
      command:
        named === undefined
          ? "auditctl -d task,never"
          : `sed -i -E '/^ *-[aA] +(task,never|never,task)/d' ${named.path} && augenrules --load`,
    });
  }
  if (named !== undefined) {
    return warning({
      what: "the next boot keeps the kernel from recording system calls",
      cause: `${named.path} has -a task,never`,
      risk: "no program, file or connection is recorded after it",
      command: `sed -i -E '/^ *-[aA] +(task,never|never,task)/d' ${named.path}`,
    });
  }
  return judged(rules, () =>
    judged(rulesFiles, () => fine("no rule keeps system calls from being recorded")),
  );
}

function judgeRules({ kernel: { rules, rulesFiles, status } }: DoctorFacts): Verdict | undefined {
  if ("value" in status && status.value === undefined) return undefined;
  return judged(rules, (loaded) => {
    const files = valueIn(rulesFiles);
    const hasFile = files?.some(({ path }) => path === audit.rules) === true;
    const missing = missingKeys(files, loaded);
    const isLocked = valueIn(status)?.enabled === 2;
    const next = hasFile ? "augenrules --load" : `${footprint.files.setup.path} rules base`;
    const command = isLocked && hasFile ? "systemctl reboot" : next;
    const from = hasFile ? `${audit.rules} is there, but not loaded` : `there is no ${audit.rules}`;
    if (loaded.length === 0) {
      return fault({
        what: "the kernel has no audit rule",
        cause: from,
        risk: "only logins, account changes and services are recorded; no program, file or connection",
        command,
      });
    }
    if (!hasFile && !loaded.some((rule) => rule.includes("lg_"))) {
      return warning({
        what: "the rules are others' alone",
        cause: `${loaded.length} rules are loaded, none of LinuxGuard's: ${from}`,
        risk: "what they do not ask for is not recorded",
        command,
      });
    }
    if (missing.length === 0) return fine(`${loaded.length} audit rules are loaded`);
    return warning({
      what: "rules of LinuxGuard are not loaded",
      cause: `${audit.rules} has ${missing.join(", ")}, the kernel has not; if another file of ${ruleFolder}/rules.d has a bad line, all behind it is lost`,
      risk: "what these rules are for is not recorded",
      command,
    });
  });
}

function missingKeys(
  files: readonly { readonly path: string; readonly text: string }[] | undefined,
  loaded: readonly string[],
): readonly string[] {
  const own = files?.find(({ path }) => path === audit.rules)?.text ?? "";
  const there = parseKeys(loaded.join("\n"));
  return parseKeys(own).filter((key) => !there.includes(key));
}

function judgeLost(status: KernelStatus | undefined): Verdict | undefined {
  if (status === undefined) return undefined;
  const { backlog, backlogLimit, lost } = status;
  const isFull = backlogLimit > 0 && backlog >= backlogLimit;
  if (!isFull && lost === 0) return fine("the kernel has dropped no record");
  const isSmall = backlogLimit < goodBacklog;
  return warning({
    what: isFull ? "the kernel's backlog is full" : "the kernel has dropped records",
    cause: `lost ${lost}, backlog ${backlog} of ${backlogLimit}: auditd took them too slowly, or was not there`,
    risk: "events are missing, and no log can have them",
    command: isSmall ? `auditctl -b ${goodBacklog}` : "auditctl --reset-lost",
  });
}
