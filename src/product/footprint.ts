import { identity } from "./identity.ts";
import { type AccountName, accountName, type GroupName, groupName, serviceName } from "./name.ts";
import { type AbsolutePath, absolutePath } from "./path.ts";

/** A directory of the agent's own: the only places that it can write to. */
export interface AgentDirectory {
  readonly path: AbsolutePath;
  readonly mode: 0o750;
  /** Of a file system that the boot empties: the service manager makes it at each start. */
  readonly isVolatile: boolean;
  readonly purpose: string;
}

/** A group that the agent's account belongs to, besides its own. */
export interface Membership {
  readonly group: GroupName;
  /** `always`: made if it is not there. `if-chosen`: only if the group exists and the administrator wants it. */
  readonly need: "always" | "if-chosen";
  readonly purpose: string;
}

/** A file or directory that a package puts on the host, owned by root and not writable by others. */
export interface InstalledFile {
  readonly path: AbsolutePath;
  readonly mode: 0o644 | 0o755;
  readonly purpose: string;
}

/** What the agent may read beyond what any account may, and by which right. */
export interface ReadablePath {
  readonly path: AbsolutePath;
  readonly by: GroupName;
  readonly purpose: string;
}

const account: AccountName = accountName(identity.user);
const ownGroup = groupName(identity.user);
const auditGroup = groupName(identity.auditGroup);
const journalGroup = groupName("systemd-journal");
const service = serviceName("linuxguard");
const share = "/usr/share/linuxguard";

/**
 * Everything that LinuxGuard is on a host. The steps of the maintainer scripts, sysusers.d,
 * tmpfiles.d, privileges.json, the unit, man page tables and `linuxguard verify` come from here.
 */
export const footprint = {
  account: {
    name: account,
    group: ownGroup,
    home: absolutePath(identity.stateDirectory),
    shell: absolutePath("/usr/sbin/nologin"),
    comment: "LinuxGuard agent",
  },
  groups: [ownGroup, auditGroup],
  auditGroup,
  memberships: [
    { group: auditGroup, need: "always", purpose: "Reads the audit log" },
    { group: journalGroup, need: "if-chosen", purpose: "Reads the system journal" },
  ] satisfies readonly Membership[],
  directories: [
    {
      path: absolutePath("/etc/linuxguard"),
      mode: 0o750,
      isVolatile: false,
      purpose: "Agent configuration files",
    },
    {
      path: absolutePath(identity.stateDirectory),
      mode: 0o750,
      isVolatile: false,
      purpose: "Agent state and data files",
    },
    {
      path: absolutePath(identity.runtimeDirectory),
      mode: 0o750,
      isVolatile: true,
      purpose: "Runtime files and process information",
    },
    {
      path: absolutePath(identity.logDirectory),
      mode: 0o750,
      isVolatile: false,
      purpose: "Agent log files",
    },
  ] satisfies readonly AgentDirectory[],
  files: {
    agent: {
      path: absolutePath(`/usr/bin/${identity.agent}`),
      mode: 0o755,
      purpose: "The agent and, called by its other name, the command line tool",
    },
    cli: {
      path: absolutePath(`/usr/bin/${identity.cli}`),
      mode: 0o755,
      purpose: "The command line tool: a link to the agent's file",
    },
    setup: {
      path: absolutePath("/usr/sbin/linuxguard-setup"),
      mode: 0o755,
      purpose: "What root may do to the footprint: plan, apply, remove",
    },
    unit: {
      path: absolutePath(`/usr/lib/systemd/system/${service}.service`),
      mode: 0o644,
      purpose: "The service",
    },
    sysusers: {
      path: absolutePath("/usr/lib/sysusers.d/linuxguard.conf"),
      mode: 0o644,
      purpose: "Account and groups, for sysusers.d(5)",
    },
    tmpfiles: {
      path: absolutePath("/usr/lib/tmpfiles.d/linuxguard.conf"),
      mode: 0o644,
      purpose: "The runtime directory, for tmpfiles.d(5)",
    },
    privileges: {
      path: absolutePath(`${share}/privileges.json`),
      mode: 0o644,
      purpose: "This footprint, for people and tools",
    },
    sample: {
      path: absolutePath(`${share}/linuxguard.conf`),
      mode: 0o644,
      purpose: "All settings with their defaults",
    },
  } satisfies Readonly<Record<string, InstalledFile>>,
  /** What a package for OpenRC has in place of the files for systemd, and of the host's C library. */
  openrc: {
    script: {
      path: absolutePath(`/etc/init.d/${service}`),
      mode: 0o755,
      purpose: "The service, where OpenRC runs services",
    },
    settings: {
      path: absolutePath(`/etc/conf.d/${service}`),
      mode: 0o644,
      purpose: "What an administrator may set of it",
    },
    loader: {
      path: absolutePath("/usr/lib/linuxguard/lib"),
      mode: 0o755,
      purpose: "The C library that the agent's program is loaded with",
    },
  } satisfies Readonly<Record<string, InstalledFile>>,
  /** Files of the rule tiers, `TIER.rules`. */
  rulesDirectory: absolutePath(`${share}/rules.d`),
  /** Drop-ins to be linked or copied by the administrator. */
  dropInDirectory: absolutePath(`${share}/drop-ins`),
  service,
  audit: {
    daemonConfig: absolutePath("/etc/audit/auditd.conf"),
    log: absolutePath(identity.auditLog),
    /** Where augenrules(8) finds our rules. */
    rules: absolutePath("/etc/audit/rules.d/60-linuxguard.rules"),
  },
  /** Files of mode 600 that the agent makes, for nobody else to read. */
  secrets: [
    {
      path: absolutePath(`${identity.stateDirectory}/installation.key`),
      purpose: "The key of the digests that stand in place of secrets",
    },
    {
      path: absolutePath(`${identity.stateDirectory}/identity.json`),
      purpose: "The key and certificate by which the console knows the host",
    },
    {
      path: absolutePath("/etc/linuxguard/enrolment-token"),
      purpose: "The token that lets the host in, until it is used",
    },
  ],
  /** Root's own notes on what was there before. */
  receipts: absolutePath("/var/lib/linuxguard-setup"),
  reads: [
    {
      path: absolutePath("/var/log/audit"),
      by: auditGroup,
      purpose: "The audit log and its rotated files",
    },
  ] satisfies readonly ReadablePath[],
} as const;
