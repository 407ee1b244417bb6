import { footprint } from "#product/footprint.ts";
import {
  type Check,
  expect,
  expectNone,
  fail,
  given,
  type Outcome,
  pass,
  unknown,
} from "./check.ts";
import type { Account, Facts, Group } from "./facts.ts";

const { account, auditGroup, groups, memberships, receipts } = footprint;
const loginless = /\/(?:nologin|false)$/;
/** Groups whose members are root by another way, or read what only root should. */
const powerful = [
  "root",
  "sudo",
  "wheel",
  "admin",
  "docker",
  "lxd",
  "disk",
  "shadow",
  "adm",
  "kmem",
];

/** What is so of the account and its groups. */
export const accountChecks: readonly Check[] = [
  {
    id: "account.exists",
    item: "there is an account of its own",
    claims: ["own-account", "account-created", "service-account"],
    remedy: "linuxguard-setup apply",
    judge: ({ accounts }) =>
      given(accounts.own, (own) =>
        own === undefined
          ? fail(`there is no account ${account.name}`)
          : pass(`${own.name}, uid ${own.uid}, gid ${own.gid}`),
      ),
  },
  {
    id: "account.system",
    item: "it is a system account, and not root",
    claims: ["no-root", "system-account", "runs-as-non-root"],
    remedy: `Rename the account ${account.name}, then linuxguard-setup apply`,
    judge: (facts) =>
      withAccount(facts, ({ uid, gid }) => {
        const greatest = facts.accounts.greatestSystemUid;
        const isSystem = uid > 0 && gid > 0 && uid <= greatest;
        return expect(isSystem, `uid ${uid}, of the system are 1 to ${greatest}`);
      }),
  },
  {
    id: "account.alone",
    item: "no other account has its uid",
    claims: ["own-account", "isolated-account"],
    remedy: "Give the other account a uid of its own: usermod --uid",
    judge: (facts) =>
      withAccount(facts, ({ name, uid }) =>
        given(facts.accounts.all, (all) => {
          if (all.length === 0) return unknown("no accounts were seen");
          const others = all.filter((each) => each.uid === uid && each.name !== name);
          return expectNone(
            others.map((each) => each.name),
            `none of ${all.length}`,
          );
        }),
      ),
  },
  {
    id: "account.shell",
    item: "it has no login shell",
    claims: ["no-login-shell"],
    remedy: `usermod --shell ${account.shell} ${account.name}`,
    judge: (facts) =>
      withAccount(facts, ({ shell }) =>
        expect(loginless.test(shell), shell || "/bin/sh, as none is set"),
      ),
  },
  {
    id: "account.password",
    item: "its password is locked",
    claims: ["no-login-shell", "system-account"],
    remedy: `usermod --lock ${account.name}`,
    judge: (facts) =>
      withAccount(facts, () =>
        given(facts.accounts.password, (password) => expect(password === "locked", password)),
      ),
  },
  {
    id: "account.home",
    item: "its home is its state directory",
    claims: ["isolated-account"],
    remedy: `usermod --home ${account.home} ${account.name}`,
    judge: (facts) => withAccount(facts, ({ home }) => expect(home === account.home, home)),
  },
  {
    id: "account.group",
    item: "its first group is its own",
    claims: ["own-account", "account-created"],
    remedy: `usermod --gid ${account.group} ${account.name}`,
    judge: (facts) =>
      withGroups(facts, (own, all) => {
        const first = all.find(({ gid }) => gid === own.gid)?.name;
        return expect(first === account.group, first ?? `gid ${own.gid}, which has no name`);
      }),
  },
  {
    id: "account.audit-group",
    item: `it is in ${auditGroup}`,
    claims: ["audit-group", "audit-without-root"],
    remedy: "linuxguard-setup apply",
    judge: (facts) =>
      withGroups(facts, (own, all) => {
        const group = all.find(({ name }) => name === auditGroup);
        if (group === undefined) return fail(`there is no group ${auditGroup}`);
        return expect(group.members.includes(own.name), `gid ${group.gid}`);
      }),
  },
  {
    id: "account.memberships",
    item: "it is in no group that the footprint does not name",
    claims: ["minimal-privileges", "read-where-necessary", "isolated-account"],
    remedy: `gpasswd --delete ${account.name} GROUP`,
    judge: (facts) =>
      withGroups(facts, (own, all) => {
        const wanted: readonly string[] = memberships.map(({ group }) => group);
        const joined = namesOf(own, all);
        return expectNone(
          joined.filter((name) => !wanted.includes(name)),
          joined.length === 0 ? "none but its own" : joined.join(", "),
        );
      }),
  },
  {
    id: "account.no-powerful-group",
    item: "no group makes it root by another way",
    claims: ["no-root", "minimal-privileges", "benefit-surface"],
    remedy: `gpasswd --delete ${account.name} GROUP`,
    judge: (facts) =>
      withGroups(facts, (own, all) => {
        const first = all.filter(({ gid }) => gid === own.gid).map(({ name }) => name);
        const joined = [...first, ...namesOf(own, all)];
        return expectNone(
          joined.filter((name) => powerful.includes(name)),
          `none of ${powerful.join(", ")}`,
        );
      }),
  },
  {
    id: "account.no-others",
    item: "nobody else is in its groups",
    claims: ["isolated-account", "isolated-data"],
    remedy: `gpasswd --delete NAME GROUP, or note that NAME may read its data: echo reader=NAME >>${receipts}/readers`,
    judge: judgeOthers,
  },
  {
    id: "account.no-grants",
    item: "no entry of sudo, doas, polkit, cron or at names it",
    claims: ["no-root", "minimal-privileges", "benefit-surface"],
    remedy: "Remove the line",
    judge: ({ accounts }) =>
      given(accounts.mentions, ({ lines, files }) => expectNone(lines, `${files} files`)),
  },
];

/** Without an account, one check fails, and of the others nobody can tell. */
export function withAccount({ accounts }: Facts, judge: (own: Account) => Outcome): Outcome {
  return given(accounts.own, (own) =>
    own === undefined ? unknown(`there is no account ${account.name}`) : judge(own),
  );
}

function withGroups(
  facts: Facts,
  judge: (own: Account, all: readonly Group[]) => Outcome,
): Outcome {
  return withAccount(facts, (own) =>
    given(facts.accounts.groups, (all) =>
      all.length === 0 ? unknown("no groups were seen") : judge(own, all),
    ),
  );
}

/** The groups that an account is in besides its first. */
function namesOf({ name, gid }: Account, all: readonly Group[]): readonly string[] {
  return all
    .filter((group) => group.members.includes(name) && group.gid !== gid)
    .map((each) => each.name);
}

function judgeOthers(facts: Facts): Outcome {
  return withGroups(facts, (own, all) =>
    given(facts.accounts.all, (accounts) => {
      const ours = all.filter(({ name }) => groups.some((each) => each === name));
      const members = ours.flatMap(({ name, gid, members: named }) =>
        [...named, ...accounts.filter((each) => each.gid === gid).map((each) => each.name)].map(
          (member) => ({ member, label: `${member} in ${name}` }),
        ),
      );
      const others = members.filter(({ member }) => member !== own.name);
      if (others.length === 0) return pass("nobody");
      return given(facts.accounts.readers, (readers) => {
        const strange = others.filter(({ member }) => !readers.includes(member));
        return expectNone(
          [...new Set(strange.map(({ label }) => label))],
          `nobody but the noted: ${readers.join(", ")}`,
        );
      });
    }),
  );
}
