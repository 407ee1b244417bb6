import { footprint } from "#product/footprint.ts";
import { quote } from "./quote.ts";

const { account, files, receipts } = footprint;

/** Messages, accounts and directories. Each can be repeated. They print to standard error only. */
export const baseFunctions = {
  lg_say: String.raw`
printf 'linuxguard: %s\n' "$*" >&2
`,
  lg_die: `
lg_say "error: $*"
exit 1
`,
  lg_have: `
command -v "$1" >/dev/null 2>&1
`,
  // A booted system, seen from its own root: audit has no namespaces, so a chroot would change the host's.
  lg_live: `
[ -d /run/systemd/system ] || [ -e /run/openrc/softlevel ] || return 1
[ "$(stat -L -c %d:%i / 2>/dev/null)" = "$(stat -L -c %d:%i /proc/1/root/. 2>/dev/null)" ]
`,
  lg_check_account: `
_line=$(getent passwd ${quote(account.name)}) || return 0
_uid=$(printf '%s' "$_line" | cut -d: -f3)
_shell=$(printf '%s' "$_line" | cut -d: -f7)
[ "$_uid" -ne 0 ] || lg_die ${quote(`account ${account.name} has uid 0; rename or remove it, then install again`)}
[ "$_uid" -lt 1000 ] || lg_die ${quote(`account ${account.name} is a person's, not the system's`)} "(uid $_uid); rename it, then install again"
case "$_shell" in
  */nologin | */false) ;;
  *) lg_die ${quote(`account ${account.name} can log in`)} "(shell $_shell); set its shell to ${account.shell}, then install again" ;;
esac
`,
  lg_check_directory: `
if [ -L "$1" ] || { [ -e "$1" ] && [ ! -d "$1" ]; }; then
  lg_die "$1 is a link or no directory; move it away, then install again"
fi
`,
  lg_group: `
getent group "$1" >/dev/null 2>&1 || groupadd --system "$1"
`,
  lg_account: `
getent passwd ${quote(account.name)} >/dev/null 2>&1 && return 0
useradd --system --no-create-home --home-dir ${quote(account.home)} --gid ${quote(account.group)} --shell ${quote(account.shell)} --comment ${quote(account.comment)} ${quote(account.name)}
`,
  lg_is_member: `
case " $(id -nG ${quote(account.name)} 2>/dev/null) " in
  *" $1 "*) return 0 ;;
esac
return 1
`,
  lg_join: `
lg_is_member "$1" || usermod -a -G "$1" ${quote(account.name)}
`,
  lg_leave: `
if lg_is_member "$1"; then gpasswd --delete ${quote(account.name)} "$1" >/dev/null; fi
`,
  // Joins a group that exists if the answer is "true", leaves it if it is "false".
  lg_choose_group: `
getent group "$1" >/dev/null 2>&1 || return 0
case "$2" in
  true) lg_join "$1" ;;
  false) lg_leave "$1" ;;
esac
`,
  // Not recursive: what is below belongs to the agent, and root touches no name there.
  lg_directory: `
lg_check_directory "$1"
[ -d "$1" ] || mkdir -m 0700 -- "$1" || return 1
if lg_have dpkg-statoverride && dpkg-statoverride --list "$1" >/dev/null 2>&1; then return 0; fi
chown -h -- ${quote(`${account.name}:${account.group}`)} "$1" && chmod -- "$2" "$1"
`,
  // The agent could be made to wait for ever, by a pipe in place of its file; root does not wait with it.
  lg_as_agent: `
timeout -k 5 30 runuser -u ${quote(account.name)} -- "$@"
`,
  // Answers go over standard input: a command line is for all to see, and is logged.
  lg_configure: String.raw`
printf 'console.url=%s\nenrolment.token=%s\n' "$1" "$2" | lg_as_agent ${quote(files.agent.path)} configure --stdin
`,
  lg_receipts: `
if [ -L ${quote(receipts)} ] || { [ -e ${quote(receipts)} ] && [ ! -d ${quote(receipts)} ]; }; then
  lg_say ${quote(`${receipts} is a link or no directory; move it away`)}
  return 1
fi
[ -d ${quote(receipts)} ] || mkdir -m 0700 -- ${quote(receipts)}
`,
  // Writes lines into a receipt: all of them, or the receipt stays as it was.
  lg_keep: String.raw`
lg_receipts || return 1
_receipt=${quote(`${receipts}/`)}$1
shift
_next=$(mktemp ${quote(`${receipts}/.new.XXXXXX`)}) || return 1
if printf '%s\n' "$@" >"$_next" && sync "$_next" && mv -fT -- "$_next" "$_receipt"; then return 0; fi
rm -f -- "$_next"
lg_say "cannot write $_receipt; it stays as it was"
return 1
`,
  lg_receipt: String.raw`
sed -n "s/^$2=\([A-Za-z0-9_.,:+@\/ -]*\)\$/\1/p" ${quote(`${receipts}/`)}"$1" 2>/dev/null | head -n 1
`,
  lg_erase: `
if [ -d "$1" ] && [ ! -L "$1" ]; then rm -rf --one-file-system -- "$1"; fi
`,
} as const;
