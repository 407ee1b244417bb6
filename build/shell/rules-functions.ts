import { dirname } from "node:path";
import { footprint } from "#product/footprint.ts";
import { quote } from "./quote.ts";

const { audit, receipts, rulesDirectory } = footprint;
const rules = quote(audit.rules);
const directory = quote(dirname(audit.rules));
const temporary = quote(`${dirname(audit.rules)}/.linuxguard.XXXXXX`);
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
  open)
    if auditctl -l 2>/dev/null | grep -q 'never,task\|task,never'; then
      lg_say 'a rule -a task,never is loaded: the kernel records no system calls; remove it to have events'
    fi
    lg_tell_unloaded
    ;;
esac
`,
  lg_any_keys: String.raw`
sed -n 's/^ *-[^#]*\(-k \|key=\)\([A-Za-z0-9_.:-]*\).*/\2/p' "$1" 2>/dev/null | sort -u
`,
  // At boot, a line that the kernel refuses ends the load of all rules, ours with it.
  lg_tell_unloaded: `
_loaded=$(auditctl -l 2>/dev/null)
for _file in ${directory}/*.rules; do
  [ "$_file" != ${rules} ] || continue
  for _key in $(lg_any_keys "$_file"); do
    case "$_loaded" in *"-k $_key"* | *"key=$_key"*) continue ;; esac
    lg_say "$_file has rules that are not loaded (key $_key); if the kernel refuses one, the rest is lost at boot, ours too; see: augenrules --load"
    return 0
  done
done
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
  lg_wanted_tiers: `
if [ -f ${wanted} ]; then lg_receipt rules-wanted tiers; else printf base; fi
`,
  lg_activate_rules: `
lg_keep rules-wanted "tiers=$1" || return 1
if [ -z "$1" ]; then lg_withdraw_rules; return; fi
if [ ! -d ${directory} ]; then
  lg_say 'auditd is not installed; the audit rules follow when it is'
  return 0
fi
_new=$(mktemp ${temporary}) || { lg_say 'cannot write the audit rules; they stay as they were'; return 1; }
_state=$(lg_rules_state)
if lg_write_rules "$_new" "$1" && { [ "$_state" != open ] || lg_prove_rules "$_new"; } && lg_persist_rules "$_new"; then
  if [ "$_state" = open ]; then augenrules >/dev/null 2>&1 || lg_say 'augenrules failed; see augenrules --check'; fi
  lg_tell_rules_state "$_state"
  return 0
fi
rm -f -- "$_new"
return 1
`,
  lg_write_rules: `
if ! { lg_join_tiers "$2" >"$1" && chmod 0640 "$1" && sync "$1"; }; then
  lg_say 'cannot write the audit rules; they stay as they were'
  return 1
fi
[ -s "$1" ] || { lg_say 'there are no such tiers of audit rules; the rules stay as they were'; return 1; }
`,
  lg_persist_rules: `
[ -e ${previous} ] || lg_keep rules-made previous=absent || return 1
mv -fT -- "$1" ${rules} || { lg_say ${quote(`cannot write ${audit.rules}; it stays as it was`)}; return 1; }
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
# What an act left that was cut short by a kill.
rm -f -- ${directory}/.linuxguard.??????
[ -f ${rules} ] || return 0
_state=$(lg_rules_state)
_keys=$(lg_rule_keys ${rules})
rm -f -- ${rules} || { lg_say ${quote(`cannot remove ${audit.rules}`)}; return 1; }
if [ "$_state" = open ]; then
  lg_drop_rules "$_keys"
  augenrules >/dev/null 2>&1 || :
fi
if [ "$(lg_receipt rules-made previous)" = absent ]; then rm -f -- ${previous}; fi
rm -f -- ${made}
`,
} as const;
