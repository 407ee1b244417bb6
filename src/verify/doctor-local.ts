import type { DoctorFacts } from "./doctor-facts.ts";

/** Commands are written for Debian; this is what others have in their place. */
const openrc: readonly (readonly [pattern: RegExp, command: string])[] = [
  [/^systemctl (start|restart) (\S+)$/, "rc-service $2 $1"],
  [/^systemctl (?:enable|unmask)(?: --now)? (\S+)$/, "rc-update add $1"],
  [/^systemctl disable --now (\S+)$/, "rc-update del $1"],
  [/^systemctl reboot$/, "reboot"],
  [/^journalctl -u linuxguard .*$/, "tail /var/log/linuxguard/agent.log"],
  [/^journalctl .*$/, "tail /var/log/messages"],
];
const packagers = {
  "apt-get": [],
  dnf: [
    [/^apt-get install auditd$/, "dnf install audit"],
    [/^apt-get install --reinstall (\S+)$/, "dnf reinstall $1"],
  ],
  apk: [
    [/^apt-get install auditd$/, "apk add audit"],
    [/^apt-get install --reinstall (\S+)$/, "apk fix $1"],
    [/^groupadd --system (\S+)$/, "addgroup -S $1"],
  ],
} as const satisfies Readonly<
  Record<DoctorFacts["packages"], readonly (readonly [RegExp, string])[]>
>;

/** What a command of Debian is on this host. */
export function localCommand(
  command: string,
  { manager, packages }: Pick<DoctorFacts, "manager" | "packages">,
): string {
  const services = manager === "openrc" ? openrc : [];
  const found = [...services, ...packagers[packages]].find(([pattern]) => pattern.test(command));
  return found === undefined ? command : command.replace(found[0], found[1]);
}
