import { after, before, describe } from "node:test";
import { suites } from "#test/support/debian-root.ts";
import type { Vm } from "#test/support/vm.ts";
import { machine } from "./machines.ts";
import { systemdManager, testServiceLife } from "./service-life.ts";

const [suite] = suites;

// openrc.test.ts has the same for OpenRC.
describe(`On a ${suite.release} with systemd, the package`, { concurrency: false }, () => {
  let vm: Vm;

  before(async () => {
    vm = await machine(suite, "installed");
  });
  after(async () => {
    await vm[Symbol.asyncDispose]();
  });

  testServiceLife(systemdManager, () => vm);
});
