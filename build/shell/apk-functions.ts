import { footprint } from "#product/footprint.ts";
import { quote } from "./quote.ts";

const { account, audit } = footprint;
const name = quote(account.name);
const merged = quote(`${audit.daemonConfig.replace(/[^/]+$/, "")}audit.rules`);

/**
 * What is done otherwise with busybox's tools for accounts. They fail for what is there already, and
 * know no long options. Source: busybox, loginutils/adduser.c, addgroup.c, deluser.c.
 */
export const apkFunctions = {
  lg_group: `
getent group "$1" >/dev/null 2>&1 || addgroup -S "$1"
`,
  lg_account: `
getent passwd ${name} >/dev/null 2>&1 && return 0
adduser -S -D -H -h ${quote(account.home)} -s /sbin/nologin -G ${quote(account.group)} -g ${quote(account.comment)} ${name}
`,
  lg_join: `
lg_is_member "$1" || addgroup ${name} "$1"
`,
  lg_leave: `
if lg_is_member "$1"; then delgroup ${name} "$1" >/dev/null; fi
`,
} as const;

/** Commands that a host of busybox has not, or that act otherwise there, by their names. */
export const apkCommands = {
  getent: `
grep "^$2:" "/etc/$1"
`,
  // Nothing on such a host makes one file of all rules at boot, so one that is an administrator's stays.
  augenrules: `
if [ -e ${merged} ] && ! head -n 1 ${merged} | grep -q 'automatically generated'; then return 1; fi
command augenrules
`,
} as const;
