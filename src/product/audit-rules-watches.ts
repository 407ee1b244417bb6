import type { AuditKey, Family, WatchRule } from "./audit-rules.ts";

const systemd = ["debian", "redhat"] as const;

/** Keys of the base tier for files and directories. Homes of accounts other than root's differ per host. */
export const baseWatchKeys: readonly AuditKey[] = [
  {
    key: "lg_agent",
    tier: "base",
    purpose: "LinuxGuard itself: its settings, its program, what root may do with it",
    techniques: ["T1685"],
    rules: [
      file("/etc/linuxguard"),
      file("/usr/bin/linuxguard-agent"),
      file("/usr/sbin/linuxguard-setup"),
      file("/usr/share/linuxguard"),
    ],
  },
  {
    key: "lg_audit",
    tier: "base",
    purpose:
      "The audit system: its rules, settings, programs, and its log touched by others than auditd",
    techniques: ["T1685", "T1070.002"],
    rules: [
      file("/etc/audit"),
      file("/etc/audit/auditd.conf"),
      file("/etc/audit/audit.rules"),
      file("/etc/audit/rules.d"),
      file("/etc/audit/plugins.d"),
      file("/var/log/audit"),
      file("/var/log/audit/audit.log"),
      file("/etc/libaudit.conf"),
      file("/usr/sbin/auditd"),
      file("/usr/sbin/auditctl"),
      file("/usr/sbin/augenrules"),
    ],
  },
  {
    key: "lg_log",
    tier: "base",
    purpose: "Settings of the system's logs, and the logs replaced or removed",
    techniques: ["T1685", "T1070.002"],
    rules: [
      file("/etc/rsyslog.conf"),
      file("/etc/rsyslog.d"),
      file("/etc/syslog-ng"),
      file("/etc/syslog.conf"),
      file("/etc/logrotate.conf"),
      file("/etc/logrotate.d"),
      file("/etc/systemd/journald.conf", systemd),
      file("/var/log/auth.log"),
      file("/var/log/secure"),
      file("/var/log/syslog"),
      file("/var/log/messages"),
      file("/var/log/kern.log"),
    ],
  },
  {
    key: "lg_mac",
    tier: "base",
    purpose: "Policies of AppArmor and SELinux",
    techniques: ["T1685"],
    rules: [file("/etc/apparmor"), file("/etc/apparmor.d"), file("/etc/selinux")],
  },
  {
    key: "lg_identity",
    tier: "base",
    purpose: "Accounts, groups and passwords changed",
    techniques: ["T1136.001", "T1098"],
    rules: [
      file("/etc/passwd"),
      file("/etc/shadow"),
      file("/etc/group"),
      file("/etc/gshadow"),
      file("/etc/subuid"),
      file("/etc/subgid"),
      file("/etc/nsswitch.conf"),
      file("/etc/security/opasswd", systemd),
    ],
  },
  {
    key: "lg_shadow",
    tier: "base",
    purpose: "Password hashes read in a person's session",
    techniques: ["T1003.008"],
    rules: ["/etc/shadow", "/etc/gshadow"].map((path) => ({
      kind: "watch",
      path,
      perm: "r",
      filters: "-F auid>=1000 -F auid!=unset",
    })),
  },
  {
    key: "lg_sudo",
    tier: "base",
    purpose: "Who may do what as root",
    techniques: ["T1548.003"],
    rules: [
      file("/etc/sudoers"),
      file("/etc/sudoers.d"),
      file("/etc/sudo.conf"),
      file("/etc/doas.conf"),
      file("/etc/polkit-1"),
    ],
  },
  {
    key: "lg_pam",
    tier: "base",
    purpose: "How accounts are let in: PAM's settings and modules",
    techniques: ["T1556.003"],
    rules: [
      tree("/etc/pam.d", systemd),
      file("/etc/security"),
      file("/etc/pam.conf"),
      file("/etc/login.defs"),
      ...(["x86_64", "aarch64"] as const).map((machine) => ({
        ...tree(`/usr/lib/${machine}-linux-gnu/security`, ["debian"]),
        families: ["debian"] as const,
        machine,
      })),
      { ...tree("/usr/lib64/security", ["redhat"]), families: ["redhat"] },
    ],
  },
  {
    key: "lg_ssh",
    tier: "base",
    purpose: "The SSH server's settings and keys, and root's",
    techniques: ["T1098.004"],
    rules: [file("/etc/ssh"), file("/etc/ssh/sshd_config", ["redhat"]), file("/root/.ssh")],
  },
  {
    key: "lg_cron",
    tier: "base",
    purpose: "Programs run by the clock: crontab, cron.d, at",
    techniques: ["T1053.003", "T1053.002"],
    rules: [
      ...["crontab", "anacrontab", "cron.allow", "cron.deny", "at.allow", "at.deny"].map((name) =>
        file(`/etc/${name}`),
      ),
      ...["cron.d", "cron.hourly", "cron.daily", "cron.weekly", "cron.monthly"].map((name) =>
        file(`/etc/${name}`),
      ),
      file("/var/spool/cron"),
      file("/etc/crontabs", ["alpine"]),
      // Where an account's own table lies differs; the program that puts it there does not.
      {
        kind: "calls",
        calls: "rename renameat renameat2 unlink unlinkat",
        filters: "-F exe=/usr/bin/crontab",
      },
    ],
  },
  {
    key: "lg_systemd",
    tier: "base",
    purpose: "Units, timers and generators of systemd",
    techniques: ["T1543.002", "T1053.006"],
    rules: [
      { ...tree("/etc/systemd", systemd), families: systemd },
      { ...tree("/usr/lib/systemd", systemd), families: systemd },
      file("/usr/local/lib/systemd", systemd),
    ],
  },
  {
    key: "lg_init",
    tier: "base",
    purpose: "Scripts that run at the boot and at a login",
    techniques: ["T1037.004", "T1037"],
    rules: [
      file("/etc/init.d"),
      file("/etc/inittab"),
      file("/etc/rc.local"),
      file("/etc/rc.d", ["redhat"]),
      file("/etc/local.d", ["alpine"]),
      file("/etc/conf.d", ["alpine"]),
      file("/etc/update-motd.d", ["debian"]),
    ],
  },
  {
    key: "lg_preload",
    tier: "base",
    purpose: "Libraries put into every program",
    techniques: ["T1574.006"],
    rules: [
      file("/etc/ld.so.preload"),
      file("/etc/ld.so.conf"),
      file("/etc/ld.so.conf.d"),
      file("/etc/environment"),
      file("/etc/environment.d"),
    ],
  },
  {
    key: "lg_shellrc",
    tier: "base",
    purpose: "What every shell, and root's, runs first",
    techniques: ["T1546.004"],
    rules: [
      file("/etc/profile"),
      file("/etc/profile.d"),
      file("/etc/bash.bashrc", ["debian"]),
      file("/etc/bashrc", ["redhat"]),
      file("/etc/bash", ["alpine"]),
      ...["zsh", "zshenv", "zshrc", "zprofile", "csh.cshrc", "csh.login", "skel"].map((name) =>
        file(`/etc/${name}`),
      ),
      ...["bashrc", "bash_profile", "bash_login", "bash_logout", "profile", "zshrc", "zshenv"].map(
        (name) => file(`/root/.${name}`),
      ),
    ],
  },
  {
    key: "lg_modprobe",
    tier: "base",
    purpose: "Kernel modules loaded at the boot, and kernel settings",
    techniques: ["T1547.006"],
    rules: [
      file("/etc/modules"),
      file("/etc/modules-load.d"),
      file("/etc/modprobe.d"),
      file("/etc/sysctl.conf"),
      file("/etc/sysctl.d"),
    ],
  },
];

/** A file, or a directory's entries: costs nothing but where it is touched. */
function file(path: string, families?: readonly Family[]): WatchRule {
  return { kind: "watch", path, perm: "wa", ...(families === undefined ? {} : { families }) };
}

/** A directory with all below it, on hosts that surely have it. */
function tree(path: string, treeOn: readonly Family[]): WatchRule {
  return { kind: "watch", path, perm: "wa", treeOn };
}
