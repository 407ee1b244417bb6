import { footprint } from "#product/footprint.ts";
import { quote } from "./quote.ts";

const { audit, auditGroup, receipts } = footprint;
const config = quote(audit.daemonConfig);
const group = quote(auditGroup);
const receipt = quote(`${receipts}/access`);
const wanted = quote(`${receipts}/access-wanted`);

/** How the group may read the audit log, and the way back. Source: auditd.conf(5), acl(5). */
export const accessFunctions = {
  lg_auditd_value: `
awk -v key="$1" 'tolower($1) == key && $2 == "=" { value = $3 } END { print value }' ${config}
`,
  lg_auditd_config: `
if [ ! -e ${config} ]; then
  lg_say 'auditd is not installed; access to its log is given when it is'
  return 1
fi
if [ -L ${config} ] || [ ! -f ${config} ]; then
  lg_say ${quote(`${audit.daemonConfig} is no regular file; left alone`)}
  return 1
fi
`,
  // A new file in place of the old one, with its owner, mode and label.
  lg_set_log_group: `
getent group "$1" >/dev/null || return 1
_new=$(mktemp ${quote(`${audit.daemonConfig}.XXXXXX`)}) || return 1
if cp -p -- ${config} "$_new" &&
  awk -v group="$1" '
    tolower($1) == "log_group" { if (!done++) print "log_group = " group; next }
    { print }
    END { if (!done) print "log_group = " group }' ${config} >"$_new" &&
  sync "$_new" && mv -f -- "$_new" ${config}; then
  if lg_have restorecon; then restorecon ${config} || :; fi
  return 0
fi
rm -f -- "$_new"
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
printf '%s' "$(dirname "$_log")"
`,
  lg_access_mode: `
case "$1" in
  log-group | acl | none) printf '%s' "$1"; return 0 ;;
esac
case "$2" in
  '' | root | 0 | ${group}) printf log-group ;;
  *) if lg_have setfacl; then printf acl; else printf none; fi ;;
esac
`,
  lg_grant_access: String.raw`
lg_receipts || return 1
printf 'mode=%s\n' "$1" >${wanted} || return 1
lg_auditd_config || return 0
_group=$(lg_auditd_value log_group)
_mode=$(lg_access_mode "$1" "$_group")
_before=$(lg_receipt access mode)
if [ -n "$_before" ] && [ "$_before" != "$_mode" ]; then lg_revoke_access; _group=$(lg_auditd_value log_group); fi
case "$_mode" in
  log-group)
    [ "$_group" != ${group} ] || return 0
    printf 'mode=log-group\nprevious=%s\n' "$_group" >${receipt} || return 1
    lg_set_log_group ${group} || { rm -f -- ${receipt}; return 1; }
    lg_reload_auditd
    ;;
  acl) lg_grant_acl ;;
  none) [ "$1" = none ] || lg_say "the audit log belongs to group $_group; install acl or choose log-group to let the agent read it" ;;
esac
`,
  lg_grant_acl: String.raw`
lg_have setfacl || { lg_say 'setfacl is missing; install acl'; return 1; }
_directory=$(lg_log_directory)
if [ ! -d "$_directory" ] || [ -L "$_directory" ]; then
  lg_say "$_directory is no directory; no access is given"
  return 1
fi
if [ ! -e ${receipt} ]; then
  _default=no
  if [ -n "$(getfacl -cdp -- "$_directory" 2>/dev/null)" ]; then _default=yes; fi
  printf 'mode=acl\ndefault=%s\n' "$_default" >${receipt} || return 1
fi
setfacl -m g:${group}:rx -- "$_directory" || return 1
setfacl -d -m u::rw,g::r,o::-,g:${group}:r -- "$_directory" || return 1
for _file in "$_directory"/audit.log*; do
  if [ -f "$_file" ] && [ ! -L "$_file" ]; then setfacl -m g:${group}:r,m::r -- "$_file" || return 1; fi
done
`,
  lg_revoke_access: `
[ -f ${receipt} ] || return 0
case "$(lg_receipt access mode)" in
  log-group) lg_revoke_log_group || return 1 ;;
  acl) lg_revoke_acl ;;
esac
rm -f -- ${receipt}
`,
  lg_revoke_log_group: `
lg_auditd_config || return 0
[ "$(lg_auditd_value log_group)" = ${group} ] || return 0
_previous=$(lg_receipt access previous)
if [ -z "$_previous" ] || ! getent group "$_previous" >/dev/null; then _previous=root; fi
lg_set_log_group "$_previous" && lg_reload_auditd
`,
  lg_revoke_acl: String.raw`
_directory=$(lg_log_directory)
if [ ! -d "$_directory" ] || ! lg_have setfacl; then return 0; fi
if [ "$(lg_receipt access default)" = no ]; then setfacl -k -- "$_directory"; else setfacl -d -x g:${group} -- "$_directory"; fi
for _file in "$_directory" "$_directory"/audit.log*; do
  if [ ! -e "$_file" ] || [ -L "$_file" ]; then continue; fi
  setfacl -x g:${group} -- "$_file" 2>/dev/null || continue
  # Without named entries it is no more than the mode, as it was.
  if ! getfacl -cp -- "$_file" 2>/dev/null | grep -q '^\(user\|group\|default\):[^:]'; then setfacl -b -- "$_file"; fi
done
`,
} as const;
