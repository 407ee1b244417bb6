/** A sentence of the public promise, docs/PROMISE.txt, word for word. */
interface Claim {
  readonly id: string;
  readonly sentence: string;
  /** Why no host can show it to be true. Without it, `linuxguard verify` checks it. */
  readonly unchecked?: string;
}

const aim = "It states an aim; the sentences below it say what is done for it.";
const sum = "It follows from other sentences, each of which is checked.";
const advice = "It is advice to the administrator.";

/** Every sentence of the promise, in its order. */
export const claims = [
  {
    id: "core",
    sentence: "Security is at the core of everything LinuxGuard does.",
    unchecked: aim,
  },
  {
    id: "zero-trust",
    sentence:
      "Our agent is designed with a zero-trust, least-privilege security model to ensure that the monitoring solution itself never becomes a security risk to your infrastructure.",
    unchecked: aim,
  },
  {
    id: "no-root",
    sentence: "No Root Privileges: The agent never runs with root privileges",
  },
  {
    id: "own-account",
    sentence: "Dedicated User Account: Operates under its own isolated user account",
  },
  {
    id: "least-privilege",
    sentence:
      "Least Privilege Access: Read-only access to system components, with write access only to agent-specific files",
  },
  {
    id: "attack-surface",
    sentence:
      "Minimal Attack Surface: Limited permissions reduce the potential impact of any security incident",
  },
  {
    id: "audit-integration",
    sentence:
      "Audit Integration: Seamlessly integrates with Linux audit systems for comprehensive monitoring",
  },
  {
    id: "installation",
    sentence:
      "During installation, the LinuxGuard agent sets up a secure, isolated environment that follows the principle of least privilege.",
    unchecked: aim,
  },
  {
    id: "account-created",
    sentence:
      "The installer creates a dedicated linuxguard user and group specifically for running the agent.",
  },
  {
    id: "no-login-shell",
    sentence: "Has no login shell (cannot be used for interactive access)",
  },
  {
    id: "system-account",
    sentence: "Is a system account (not intended for human users)",
  },
  {
    id: "minimal-privileges",
    sentence: "Operates with minimal system privileges",
  },
  {
    id: "isolated-account",
    sentence: "Is isolated from other system processes and users",
  },
  {
    id: "directory-structure",
    sentence:
      "The installer creates a secure directory structure with appropriate ownership and permissions:",
  },
  { id: "directory-etc", sentence: "/etc/linuxguard/ - Agent configuration files" },
  { id: "directory-lib", sentence: "/var/lib/linuxguard/ - Agent state and data files" },
  {
    id: "directory-run",
    sentence: "/var/run/linuxguard/ - Runtime files and process information",
  },
  { id: "directory-log", sentence: "/var/log/linuxguard/ - Agent log files" },
  { id: "directory-owner", sentence: "Owned by the linuxguard user and group" },
  {
    id: "directory-mode",
    sentence: "Protected with restrictive permissions (750 or 755)",
  },
  { id: "directory-isolated", sentence: "Isolated from other system components" },
  {
    id: "read-only-access",
    sentence:
      "The agent requires read-only access to certain system components for monitoring purposes",
  },
  {
    id: "read-what",
    sentence: "This includes system logs, configuration files, and audit data",
    unchecked: "It says what the agent may read, not that it must.",
  },
  {
    id: "read-where-necessary",
    sentence: "Read access is granted only where necessary for security monitoring functionality",
  },
  {
    id: "cannot-modify",
    sentence: "The agent cannot modify any system files or configurations",
  },
  {
    id: "auditd",
    sentence:
      "LinuxGuard integrates with the Linux audit system (auditd) to provide comprehensive security monitoring.",
  },
  {
    id: "audit-rules",
    sentence: "Installs audit rules that define what events to monitor",
  },
  {
    id: "audit-group",
    sentence: "Creates a dedicated audit group (linuxguard-audit) for accessing audit logs",
  },
  {
    id: "audit-daemon",
    sentence: "Configures the audit daemon to allow the agent to read audit logs securely",
  },
  {
    id: "audit-without-root",
    sentence: "Ensures audit logs are accessible without requiring root privileges",
  },
  {
    id: "audit-monitoring",
    sentence:
      "This integration allows LinuxGuard to monitor system calls, file access, network activity, and other security-relevant events without running with elevated privileges.",
  },
  {
    id: "service-account",
    sentence: "The agent runs as a system service under the linuxguard user account.",
  },
  {
    id: "service-registered",
    sentence:
      "Registers the agent as a system service (systemd or OpenRC, depending on your distribution)",
  },
  {
    id: "service-boot",
    sentence: "Configures the service to start automatically on system boot",
  },
  {
    id: "service-permissions",
    sentence: "Ensures the service runs with the correct user permissions",
  },
  {
    id: "service-management",
    sentence: "Provides standard service management capabilities (start, stop, restart, status)",
  },
  {
    id: "runs-as-non-root",
    sentence: "Runs as non-root: All agent processes execute under the linuxguard user account",
  },
  {
    id: "read-only-monitoring",
    sentence:
      "Read-only monitoring: Monitors system activity with read-only access to system components",
  },
  {
    id: "isolated-data",
    sentence:
      "Isolated data: Stores all agent data in dedicated directories with restricted access",
  },
  {
    id: "https",
    sentence:
      "Secure communication: All communication with the LinuxGuard console uses encrypted HTTPS connections",
  },
  {
    id: "no-modifications",
    sentence:
      "No system modifications: The agent never modifies system files, configurations, or other components outside its own directories",
  },
  {
    id: "benefit-surface",
    sentence:
      "Reduced Attack Surface: By running without root privileges, the agent cannot be used to escalate privileges or compromise the system",
  },
  {
    id: "benefit-compliance",
    sentence: "Compliance: The least-privilege model helps meet security compliance requirements",
    unchecked: "Whether requirements are met is for an auditor to judge.",
  },
  {
    id: "benefit-isolation",
    sentence: "Isolation: Agent processes and data are isolated from other system components",
  },
  {
    id: "benefit-transparency",
    sentence: "Transparency: Clear separation between agent operations and system operations",
    unchecked: sum,
  },
  {
    id: "benefit-auditability",
    sentence:
      "Auditability: The agent's own operations can be monitored and audited like any other system process",
  },
  {
    id: "verification",
    sentence:
      "All agent processes should show the linuxguard user, and all agent directories should be owned by linuxguard:linuxguard with appropriate restrictive permissions.",
  },
  {
    id: "advice-permissions",
    sentence:
      "Review permissions: Periodically review the agent's file permissions to ensure they remain restrictive",
    unchecked: advice,
  },
  {
    id: "advice-monitoring",
    sentence:
      "Monitor agent activity: Use your existing security monitoring to track agent behavior",
    unchecked: advice,
  },
  {
    id: "advice-updates",
    sentence:
      "Keep updated: Regularly update the agent to receive security patches and improvements",
    unchecked: advice,
  },
  {
    id: "advice-network",
    sentence:
      "Network security: Ensure network policies allow the agent to communicate with api.linuxguard.io over HTTPS",
    unchecked: advice,
  },
  {
    id: "advice-logs",
    sentence: "Audit logs: Review agent logs regularly to ensure normal operation",
    unchecked: advice,
  },
] as const satisfies readonly Claim[];

/** A sentence that a check proves. */
export type CheckedClaim = Exclude<(typeof claims)[number], { readonly unchecked: string }>["id"];
