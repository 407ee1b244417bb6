import { plan } from "#build/steps/plan.ts";
import { failureOf, type Phase, type Step } from "#build/steps/step.ts";
import { footprint } from "#product/footprint.ts";
import { renderScript } from "./deb-scripts.ts";
import { quote } from "./quote.ts";
import { type Format, renderSteps } from "./render-step.ts";

const { audit, files, service } = footprint;
const unit = `${service}.service`;
const apply = `run: ${files.setup.path} apply`;

/**
 * The scriptlets of the rpm by name. Each gets the number of the package's versions that will be there
 * when it has ended; at an upgrade the old version's last two run after all of the new one's, so they
 * undo nothing unless it is 0. Source: rpm-scriptlets(7).
 */
export function renderRpmScripts(): ReadonlyMap<string, string> {
  return new Map([
    // Accounts are made before the files, which else would be root's.
    ["pre", render("pre", `${steps("before-install")}${steps("after-install", isAccount)}`)],
    ["post", render("post", steps("after-install", isAfterwards))],
    ["preun", render("preun", `[ "$1" -eq 0 ] || exit 0\n${steps("before-remove")}`)],
    ["postun", render("postun", `${steps("after-remove")}${restart}`)],
    ["triggerin", render("triggerin", renderTrigger())],
  ]);
}

/**
 * What is done once auditd's package was installed or upgraded. It is also run after the package's own
 * %post, which has done the same.
 */
function renderTrigger(): string {
  const isRules = ({ kind }: Step) => kind === "audit-rules";
  return `${steps("audit-changed", (step) => !isRules(step))}
if ! lg_join_tiers "$(lg_wanted_tiers)" 2>/dev/null | cmp -s - ${quote(audit.rules)}; then
  ${steps("audit-changed", isRules)}fi
`;
}

const render = (name: string, body: string) => renderScript(name, body);

const accountKinds: readonly string[] = ["group", "account", "membership"];
const isAccount = ({ kind }: Step) => accountKinds.includes(kind);
const isAfterwards = (step: Step) => !(isAccount(step) || step.kind.startsWith("check-"));

function steps(phase: Phase, isWanted: (step: Step) => boolean = () => true): string {
  return renderSteps(plan[phase].filter(isWanted), format);
}

// What the macros of systemd's own package say, in words that hold from EL 8 on. A preset decides
// whether the service is enabled, and what an administrator decided since then holds.
const serviceLines = {
  enable: `if [ "$1" -eq 1 ] && lg_have systemctl; then
  systemctl --no-reload preset ${unit} >/dev/null 2>&1 || lg_say 'the service could not be enabled; to try again run: systemctl enable ${unit}'
fi
`,
  start: `if [ "$1" -eq 1 ] && lg_live && systemctl --quiet is-enabled ${unit} 2>/dev/null; then
  systemctl --system daemon-reload >/dev/null 2>&1 || :
  systemctl start ${unit} >/dev/null 2>&1 || lg_say 'the service did not start; see: systemctl status ${unit}'
fi
`,
  stop: `if lg_have systemctl; then
  if lg_live; then systemctl stop ${unit} >/dev/null 2>&1 || :; fi
  systemctl --no-reload disable ${unit} >/dev/null 2>&1 || :
fi
`,
  disable: "",
  "reload-manager": `lg_live || exit 0
systemctl --system daemon-reload >/dev/null 2>&1 || :
`,
  forget: "",
} as const;

const restart = `[ "$1" -eq 0 ] || systemctl try-restart ${unit} >/dev/null 2>&1 || lg_say 'the service did not start again; see: systemctl status ${unit}'
`;

// rpm asks nothing: what was chosen with linuxguard-setup holds, and else what holds without a choice.
const format: Format = {
  service: (act) => serviceLines[act],
  questions: () => "",
  tell: (text) => `lg_say ${quote(text)}`,
  retry,
  answers: {
    journal: "keep",
    access: '"$(lg_wanted_access)"',
    tiers: '"$(lg_wanted_tiers)"',
  },
};

function retry(step: Step): string {
  if (failureOf(step) === "say") return `to try again ${apply}`;
  if (step.kind === "directory") return `put that right and ${apply}`;
  return "act" in step && step.act !== "join"
    ? "the package stays; put that right and remove it again"
    : "put that right and install it again";
}
