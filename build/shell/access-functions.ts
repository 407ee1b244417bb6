import { dirname } from "node:path";
import { footprint } from "#product/footprint.ts";
import { quote } from "./quote.ts";

const { audit, auditGroup, receipts } = footprint;
const config = quote(audit.daemonConfig);
const group = quote(auditGroup);
const receipt = quote(`${receipts}/access`);
const temporary = quote(`${dirname(audit.daemonConfig)}/.linuxguard.XXXXXX`);

/** How the group may read the audit log, and the way back. Source: auditd.conf(5), acl(5). */
export const accessFunctions = {
  lg_auditd_value: `
awk -v key="$1" 'tolower($1) == key && $2 == "=" { value = $3 } END { print value }' ${config}
`,
  lg_auditd_config: `
if [ ! -e ${config} ] && [ ! -L ${config} ]; then
  lg_say 'auditd is not installed; access to its log is given when it is'
  return 1
fi
if [ -L ${config} ] || [ ! -f ${config} ]; then
  lg_say ${quote(`${audit.daemonConfig} is no regular file; left alone`)}
  return 1
fi
`,
  // A new file in place of the old one, with its owner, mode and label. Of several lines auditd takes
  // the last, and only its value changes; without a group the line goes.
  lg_set_log_group: String.raw`
[ -z "$1" ] || getent group "$1" >/dev/null || return 1
if _new=$(mktemp ${temporary}); then
  if cp -p -- ${config} "$_new" &&
    awk -v group="$1" '
      { line[NR] = $0; if (tolower($1) == "log_group" && $2 == "=") last = NR }
      END {
        if (last) {
          match(line[last], /=[ \t]*/)
          value = substr(line[last], RSTART + RLENGTH)
          sub(/^[^ \t\r]*/, group, value)
          line[last] = substr(line[last], 1, RSTART + RLENGTH - 1) value
        }
        for (n = 1; n <= NR; n++) if (n != last || group != "") print line[n]
        if (!last && group != "") print "log_group = " group
      }' ${config} >"$_new" &&
    sync "$_new" && mv -fT -- "$_new" ${config}; then
    if lg_have restorecon; then restorecon ${config} || :; fi
    return 0
  fi
  rm -f -- "$_new"
fi
lg_say ${quote(`cannot write ${audit.daemonConfig}; it stays as it was`)}
return 1
`,
  lg_reload_auditd: `
lg_live || return 0
auditctl --signal HUP >/dev/null 2>&1 || lg_say 'auditd is not running; it takes the change when it starts'
`,
  lg_log_directory: `
_log=$(lg_auditd_value log_file)
[ -n "$_log" ] || _log=${quote(audit.log)}
printf '%s' "$(dirname -- "$_log")"
`,
  // The group that auditd gives the log to, or gave it to before it was ours.
  lg_first_group: `
_now=$(lg_auditd_value log_group)
if [ "$_now" = ${group} ]; then _now=$(lg_receipt access previous); fi
case "$_now" in
  root | 0) ;;
  *) printf '%s' "$_now" ;;
esac
`,
  lg_wanted_access: `
_wanted=$(lg_receipt access-wanted mode)
printf '%s' "\${_wanted:-auto}"
`,
  lg_access_mode: `
case "$1" in
  log-group | acl | none) printf '%s' "$1" ;;
  *) if [ -z "$(lg_first_group)" ]; then printf log-group; elif lg_have setfacl; then printf acl; else printf none; fi ;;
esac
`,
  lg_has_access: `
case "$1" in
  log-group) [ "$(lg_auditd_value log_group)" = ${group} ] ;;
  *) [ "$(lg_receipt access mode)" = "\${1#none}" ] ;;
esac
`,
  lg_grant_access: `
lg_keep access-wanted "mode=$1" || return 1
lg_auditd_config || return 0
_mode=$(lg_access_mode "$1")
_directory=$(lg_log_directory)
if [ -f ${receipt} ] && [ "$(lg_receipt access mode):$(lg_receipt access directory)" != "$_mode:$_directory" ]; then
  lg_revoke_access || return 1
fi
case "$_mode" in
  log-group) lg_grant_log_group "$_directory" ;;
  acl)
    [ -n "$(lg_first_group)" ] || lg_say 'the audit log is for root alone, and then a list has no effect; choose log-group'
    lg_note_access acl '' "$_directory" && lg_add_reader "$_directory" ${group}
    ;;
  none) [ "$1" = none ] || lg_say "the audit log belongs to group $(lg_first_group); install acl or choose log-group to let the agent read it" ;;
esac
`,
  // The group that could read the log before still can, by a list.
  lg_grant_log_group: `
_before=$(lg_auditd_value log_group)
[ "$_before" != ${group} ] || return 0
lg_note_access log-group "$_before" "$1" || return 1
_before=$(lg_first_group)
if getent group "$_before" >/dev/null && [ -d "$1" ] && lg_have setfacl; then lg_add_reader "$1" "$_before" || return 1; fi
lg_set_log_group ${group} && lg_reload_auditd
`,
  lg_note_access: `
_default=$(lg_receipt access default)
if [ -z "$_default" ]; then
  _default=no
  if [ -n "$(getfacl -cdp -- "$3" 2>/dev/null)" ]; then _default=yes; fi
fi
lg_keep access "mode=$1" "previous=$2" "directory=$3" "default=$_default"
`,
  lg_add_reader: `
lg_have setfacl || { lg_say 'setfacl is missing; install acl'; return 1; }
if [ ! -d "$1" ] || [ -L "$1" ]; then
  lg_say "$1 is no directory; no access is given"
  return 1
fi
_base=
if [ "$(lg_receipt access default)" = no ]; then _base=u::rw,g::r,o::-,; fi
setfacl -m "g:$2:rx" -- "$1" && setfacl -d -m "\${_base}g:$2:r" -- "$1" || return 1
for _file in "$1"/audit.log*; do
  if [ -f "$_file" ] && [ ! -L "$_file" ]; then setfacl -m "g:$2:r,m::r" -- "$_file" || return 1; fi
done
`,
  lg_revoke_access: `
rm -f -- ${quote(dirname(audit.daemonConfig))}/.linuxguard.??????
[ -f ${receipt} ] || return 0
_noted=$(lg_receipt access directory)
_previous=$(lg_receipt access previous)
case "$(lg_receipt access mode)" in
  log-group) lg_revoke_log_group "$_previous" && lg_drop_reader "$_noted" "$_previous" ;;
  acl) lg_drop_reader "$_noted" ${group} ;;
esac || return 1
rm -f -- ${receipt}
`,
  lg_revoke_log_group: `
if [ ! -f ${config} ] || [ -L ${config} ]; then return 0; fi
[ "$(lg_auditd_value log_group)" = ${group} ] || return 0
if [ -z "$1" ] || getent group "$1" >/dev/null; then lg_set_log_group "$1"; else lg_set_log_group root; fi || return 1
lg_reload_auditd
`,
  lg_drop_reader: String.raw`
if [ ! -d "$1" ] || ! lg_have setfacl || ! getent group "$2" >/dev/null; then return 0; fi
for _file in "$1" "$1"/audit.log*; do
  if [ ! -e "$_file" ] || [ -L "$_file" ]; then continue; fi
  setfacl -x "g:$2" -- "$_file" || return 1
  if [ -d "$_file" ]; then lg_drop_default "$1" "$2" || return 1; fi
  # Without named entries it is no more than the mode, as it was.
  if ! getfacl -cp -- "$_file" 2>/dev/null | grep -q '^\(user\|group\|default\):[^:]'; then setfacl -b -- "$_file" || return 1; fi
done
`,
  lg_drop_default: String.raw`
[ -n "$(getfacl -cdp -- "$1" 2>/dev/null)" ] || return 0
setfacl -d -x "g:$2" -- "$1" || return 1
[ "$(lg_receipt access default)" = no ] || return 0
if ! getfacl -cdp -- "$1" 2>/dev/null | grep -q '^\(default:\)\?\(user\|group\):[^:]'; then setfacl -k -- "$1"; fi
`,
} as const;
