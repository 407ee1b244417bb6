import { suites } from "#test/support/debian-root.ts";
import { testLifeCycle } from "./life-cycle.ts";

for (const suite of suites.filter(({ release }) => release === "Debian 13")) testLifeCycle(suite);
