import { plan } from "#build/steps/plan.ts";
import type { Step } from "#build/steps/step.ts";
import { footprint } from "#product/footprint.ts";
import { renderScript } from "./deb-scripts.ts";
import { quote } from "./quote.ts";
import { type Format, renderSteps } from "./render-step.ts";

const { account, audit } = footprint;

const format: Format = {
  service: () => "",
  questions: () => "",
  tell: (text) => `{ lg_say ${quote(text)}; failed=yes; }`,
  retry: () => "put that right and run linuxguard-setup again",
  answers: { journal: "keep", access: '"$(lg_wanted_access)"', tiers: '"$(lg_wanted_tiers)"' },
};

const usage = `Usage: linuxguard-setup COMMAND

Does with root's rights what the agent needs and must not do itself.

Commands:
  plan               Prints what apply would change, and changes nothing.
  apply              Makes what is missing of account, groups, directories, access and rules.
  audit-access MODE  Chooses how the audit log may be read: auto, log-group, acl or none.
  rules [TIER]...    Chooses tiers of audit rules: base, network, compliance, forks; none withdraws all.
  remove             Withdraws the rules and puts access to the audit log back to what it was.

Exit codes: 0 done, 1 failed, 64 the command line is wrong, 77 not root.
See linuxguard-setup(8).
`;

/** Renders linuxguard-setup, which does the package's steps by hand. */
export function renderSetupScript(render = renderScript): string {
  const isMade = ({ kind }: Step) => kind !== "service" && kind !== "configure";
  return render(
    "linuxguard-setup",
    `failed=

plan() {
${indent(plan["after-install"].map(renderPlanned).join(""))}}

apply() {
${indent(renderSteps(plan["after-install"].filter(isMade), format))}}

remove() {
${indent(renderSteps(plan["before-remove"].filter(isMade), format))}}

need_root() {
  [ "$(id -u)" = 0 ] && return 0
  lg_say 'error: this needs root; run it with sudo'
  exit 77
}

wrong() {
  lg_say "error: $1; see linuxguard-setup --help"
  exit 64
}

usage() {
  cat <<'END'
${usage}END
}

case "\${1-}" in
  plan) need_root; plan ;;
  apply) need_root; apply ;;
  audit-access)
    case "\${2-}" in
      auto | log-group | acl | none) need_root; lg_grant_access "$2" ;;
      *) wrong "audit-access takes auto, log-group, acl or none, not '\${2-}'" ;;
    esac
    ;;
  rules)
    shift
    for tier; do [ -f ${quote(`${footprint.rulesDirectory}/`)}"$tier.rules" ] || wrong "there is no tier '$tier' of audit rules"; done
    need_root
    lg_activate_rules "$*"
    ;;
  remove) need_root; remove ;;
  -h | --help | help) usage ;;
  *) wrong "there is no command '\${1-}'" ;;
esac
[ -z "$failed" ]
`,
  );
}

/** What a step would change here, in a line; nothing where all is as it should be. */
function renderPlanned(step: Step): string {
  switch (step.kind) {
    case "group":
      return `getent group ${quote(step.group)} >/dev/null || echo ${quote(`make group ${step.group}`)}\n`;
    case "account":
      return `getent passwd ${quote(account.name)} >/dev/null || echo ${quote(`make system account ${account.name}, without a login shell`)}\n`;
    case "membership":
      return step.need === "always"
        ? `lg_is_member ${quote(step.group)} || echo ${quote(`add ${account.name} to group ${step.group}`)}\n`
        : "";
    case "directory": {
      const mode = step.mode.toString(8);
      return `[ "$(stat -c '%F %U:%G %a' ${quote(step.path)} 2>/dev/null)" = ${quote(`directory ${account.name}:${account.group} ${mode}`)} ] || echo ${quote(`make directory ${step.path}, ${account.name}:${account.group}, mode 0${mode}`)}\n`;
    }
    case "audit-access":
      return `if [ -f ${quote(audit.daemonConfig)} ]; then
  mode=$(lg_access_mode "$(lg_wanted_access)")
  lg_has_access "$mode" || echo "access of ${footprint.auditGroup} to the audit log: $mode"
fi
`;
    case "audit-rules":
      return `lg_join_tiers "$(lg_wanted_tiers)" 2>/dev/null | cmp -s - ${quote(audit.rules)} || echo "put audit rules of tiers $(lg_wanted_tiers) into ${audit.rules}"\n`;
    case "check-account":
    case "check-directory":
    case "configure":
    case "service":
    case "questions":
    case "erase":
      return "";
    default:
      return step satisfies never;
  }
}

function indent(text: string): string {
  return text.replace(/^(?=[^\n])/gm, "  ");
}
