import { footprint } from "#product/footprint.ts";
import { quote } from "./quote.ts";

const { audit, receipts, rulesDirectory } = footprint;
const rules = quote(audit.rules);
const wanted = quote(`${receipts}/rules-wanted`);
const made = quote(`${receipts}/rules-made`);
const previous = "/etc/audit/audit.rules.prev";

/**
 * Audit rules: proved by loading them into the kernel, then persisted; never fewer than before.
 * Source: auditctl(8), augenrules(8).
 */
export const rulesFunctions = {
  lg_rule_keys: String.raw`
sed -n 's/.* key=\(lg_[a-z_]*\)$/\1/p' "$@" 2>/dev/null | sort -u
`,
  // Says in one word whether rules can be loaded now; other words than "open" are told by the caller.
  lg_rules_state: `
lg_live || { printf offline; return 0; }
lg_have auditctl || { printf missing; return 0; }
case "$(auditctl -s 2>/dev/null | sed -n 's/^enabled //p')" in
  '') printf unavailable ;;
  2) printf locked ;;
  *) printf open ;;
esac
`,
  lg_tell_rules_state: String.raw`
case "$1" in
  offline) lg_say 'no running system here; the audit rules load at its next boot' ;;
  missing) lg_say 'auditctl is missing; the audit rules load once auditd is installed' ;;
  unavailable) lg_say 'the kernel does no auditing here, as in most containers; the audit rules wait' ;;
  locked) lg_say 'the audit rules are locked (-e 2); they load at the next boot' ;;
  open) if auditctl -l 2>/dev/null | grep -q 'never,task\|task,never'; then
    lg_say 'a rule -a task,never is loaded: the kernel records no system calls; remove it to have events'
  fi ;;
esac
`,
  lg_drop_rules: `
for _key in $1; do auditctl -D -k "$_key" >/dev/null 2>&1 || :; done
`,
  lg_join_tiers: `
for _tier in $1; do
  _file=${quote(`${rulesDirectory}/`)}$_tier.rules
  if [ ! -f "$_file" ]; then lg_say "there is no tier $_tier of audit rules; it is left out"; continue; fi
  cat -- "$_file" || return 1
done
`,
  lg_activate_rules: String.raw`
lg_receipts || return 1
printf 'tiers=%s\n' "$1" >${wanted} || return 1
if [ -z "$1" ]; then lg_withdraw_rules; return 0; fi
if [ ! -d ${quote(directoryOf(audit.rules))} ]; then
  lg_say 'auditd is not installed; the audit rules follow when it is'
  return 0
fi
_new=$(mktemp ${quote(`${directoryOf(audit.rules)}/.linuxguard.XXXXXX`)}) || return 1
if ! { lg_join_tiers "$1" >"$_new" && chmod 0640 "$_new" && sync "$_new"; }; then
  rm -f -- "$_new"
  lg_say 'cannot write the audit rules; they stay as they were'
  return 1
fi
_state=$(lg_rules_state)
if [ "$_state" = open ] && ! lg_prove_rules "$_new"; then
  rm -f -- "$_new"
  return 1
fi
[ -e ${previous} ] || printf 'previous=absent\n' >${made}
mv -f -- "$_new" ${rules} || return 1
if [ "$_state" = open ]; then augenrules >/dev/null 2>&1 || lg_say 'augenrules failed; see augenrules --check'; fi
lg_tell_rules_state "$_state"
`,
  // Loads the rules into the kernel; if it refuses one, those that were loaded before come back.
  lg_prove_rules: `
_keys=$(lg_rule_keys ${rules} "$1")
lg_drop_rules "$_keys"
if auditctl -R "$1" >/dev/null 2>&1; then return 0; fi
lg_drop_rules "$_keys"
if [ -f ${rules} ]; then auditctl -R ${rules} >/dev/null 2>&1 || :; fi
lg_say 'the kernel refused the audit rules; those from before stay'
return 1
`,
  lg_withdraw_rules: `
[ -f ${rules} ] || return 0
_state=$(lg_rules_state)
if [ "$_state" = open ]; then lg_drop_rules "$(lg_rule_keys ${rules})"; fi
rm -f -- ${rules} || return 1
if [ "$_state" = open ]; then augenrules >/dev/null 2>&1 || :; fi
if [ "$(lg_receipt rules-made previous)" = absent ]; then rm -f -- ${previous}; fi
rm -f -- ${made}
`,
} as const;

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
