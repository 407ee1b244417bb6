/** What the product is called on a host. The one place where these names stand. */
export const identity = {
  agent: "linuxguard-agent",
  /** The agent without a compiler: a package of its own, for one of the drop-ins. */
  jitlessAgent: "linuxguard-agent-jitless",
  cli: "linuxguard",
  package: "linuxguard",
  user: "linuxguard",
  auditGroup: "linuxguard-audit",
  configFile: "/etc/linuxguard/linuxguard.conf",
  stateDirectory: "/var/lib/linuxguard",
  runtimeDirectory: "/run/linuxguard",
  logDirectory: "/var/log/linuxguard",
  auditLog: "/var/log/audit/audit.log",
} as const;
