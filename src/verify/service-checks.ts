import { footprint } from "#product/footprint.ts";
import type { CheckedClaim } from "#product/promise.ts";
import {
  type Check,
  expect,
  expectNone,
  fail,
  given,
  notApplicable,
  type Outcome,
  pass,
  unknown,
} from "./check.ts";
import type { Facts, OpenrcFacts } from "./facts.ts";
import { commandProperties } from "./gather-service.ts";
import { judgeSupervised, judgeSupervisedFiles, judgeSupervisedIds } from "./openrc-checks.ts";
import { agentPrograms, type DirectiveGroup, sandbox } from "./sandbox.ts";

const { account, files, openrc, service } = footprint;
type Properties = ReadonlyMap<string, string>;

/** What is so of the service. */
export const serviceChecks: readonly Check[] = [
  {
    id: "service.registered",
    item: "it is registered, from the package's own file",
    claims: ["service-registered", "service-management"],
    remedy: "systemctl daemon-reload, or install the package again",
    judge: (facts) =>
      withService(
        facts,
        (properties) => {
          const path = properties.get("FragmentPath") ?? "";
          const isLoaded = properties.get("LoadState") === "loaded";
          // On hosts where /lib is /usr/lib, systemd may name it either way.
          const isOwn = path === files.unit.path || `/usr${path}` === files.unit.path;
          const isCurrent = properties.get("NeedDaemonReload") !== "yes";
          if (isLoaded && isOwn && !isCurrent)
            return fail("its file was changed after systemd read it");
          return expect(isLoaded && isOwn, path === "" ? `${properties.get("LoadState")}` : path);
        },
        ({ script }) =>
          script === undefined
            ? fail(`there is no ${openrc.script.path}`)
            : expect(script.uid === 0 && (script.mode & 0o022) === 0, script.path),
      ),
  },
  {
    id: "service.command",
    item: "it runs the agent, and nothing else",
    claims: ["service-permissions", "runs-as-non-root"],
    remedy: `systemctl cat ${service} shows which file has other Exec lines; take them out (OpenRC: rc-service ${service} restart)`,
    judge: (facts) => withService(facts, judgeCommand, judgeSupervised),
  },
  {
    id: "service.account",
    item: "it is to run as the account",
    claims: ["service-account", "service-permissions"],
    remedy: `systemctl cat ${service} shows where User= and Group= are set (OpenRC: install the package again)`,
    judge: (facts) =>
      withService(
        facts,
        (properties) => {
          const [user, group] = [properties.get("User"), properties.get("Group")];
          const isOwn = user === account.name && group === account.group;
          return expect(isOwn, `User=${user} Group=${group}`);
        },
        judgeSupervisedIds,
      ),
  },
  {
    id: "service.enabled",
    item: "it starts at boot",
    claims: ["service-boot"],
    remedy: `systemctl enable ${service} (OpenRC: rc-update add ${service})`,
    judge: (facts) =>
      withService(
        facts,
        (properties) => {
          const state = properties.get("UnitFileState") ?? "";
          return expect(state === "enabled", state === "" ? "not enabled" : state);
        },
        ({ isInRunlevel }) =>
          expect(isInRunlevel, isInRunlevel ? "in a runlevel" : "in no runlevel"),
      ),
  },
  {
    id: "service.active",
    item: "it is active",
    claims: ["service-management", "service-account"],
    remedy: `systemctl start ${service} (OpenRC: rc-service ${service} start)`,
    judge: (facts) =>
      withService(
        facts,
        (properties) => {
          const states = [properties.get("ActiveState"), properties.get("SubState")];
          return expect(states[0] === "active" && states[1] === "running", states.join(", "));
        },
        ({ isStarted }) => expect(isStarted, isStarted ? "started" : "not started"),
      ),
  },
];

const claimsOf: Readonly<Record<DirectiveGroup["name"], readonly CheckedClaim[]>> = {
  identity: ["no-root", "minimal-privileges", "benefit-surface"],
  files: ["least-privilege", "cannot-modify", "no-modifications", "read-only-monitoring"],
  kernel: ["attack-surface", "cannot-modify"],
  calls: ["attack-surface", "benefit-surface"],
  network: ["attack-surface"],
  resources: ["benefit-isolation"],
};

/** What is so of the service's sandbox. */
export const sandboxChecks: readonly Check[] = sandbox.map(({ name, item, directives }) => ({
  id: `sandbox.${name}`,
  item: `it ${item}`,
  claims: claimsOf[name],
  remedy: `systemctl cat ${service} shows which file opens it; take the lines out, then systemctl daemon-reload and restart (OpenRC: see ${openrc.settings.path})`,
  judge: (facts) =>
    withService(
      facts,
      (properties) => judgeDirectives(directives, properties),
      (openrc) =>
        name === "files"
          ? judgeSupervisedFiles(openrc)
          : notApplicable("OpenRC has no such sandbox; what the process has is checked above"),
    ),
}));

function withService(
  { service: found }: Facts,
  systemd: (properties: Properties) => Outcome,
  openrc: (found: OpenrcFacts) => Outcome,
): Outcome {
  return given(found, (value) => {
    if (value.manager === "openrc") return openrc(value);
    if (value.properties.get("LoadState") === "not-found")
      return fail("systemd knows no such service");
    return systemd(value.properties);
  });
}

/** systemd.exec(5): `{ path=/usr/bin/x ; argv[]=/usr/bin/x run ; …`. What is not set is not told. */
function judgeCommand(properties: Properties): Outcome {
  const command = properties.get("ExecStart") ?? "";
  const line = /argv\[\]=(?<line>[^;]*) ;/.exec(command)?.groups?.line ?? "";
  const more = commandProperties.filter((name) => (properties.get(name) ?? "") !== "");
  if (more.length > 0) return fail(`it has ${more.join(", ")}`);
  return expect(
    agentPrograms.some((program) => line === `${program} run`),
    line,
  );
}

/** An old systemd does not know some; those are named. */
function judgeDirectives(
  directives: DirectiveGroup["directives"],
  properties: Properties,
): Outcome {
  const missing = directives.filter(({ property }) => !properties.has(property));
  const known = directives.filter(({ property }) => properties.has(property));
  if (known.length === 0) return unknown("systemd tells none of its directives");
  const wrong = known.flatMap(
    ({ property, findFault }) => findFault(properties.get(property) ?? "") ?? [],
  );
  const dropIns = properties.get("DropInPaths") ?? "";
  const from = dropIns === "" ? "" : `; drop-ins: ${dropIns}`;
  const unheard = missing.map(({ property }) => property).join(", ");
  const old = unheard === "" ? "" : `; not known to this systemd: ${unheard}`;
  if (wrong.length === 0) return pass(`${known.length} directives${old}${from}`);
  const { detail } = expectNone(wrong, "");
  return fail(`${detail}${from}`);
}
