import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Vm } from "#test/support/vm.ts";

const folder = "/root/marks";

/** Events, each with a number, that a machine makes without end. */
export interface Marks {
  /** Ends them, and returns the numbers of those that were made. */
  stop(): Promise<readonly number[]>;
}

/** Has a machine make events, each with a number. */
export async function startMarks(vm: Vm): Promise<Marks> {
  await vm.must(`rm -rf ${folder}; mkdir ${folder}`);
  await vm.put(readFileSync(join(import.meta.dirname, "marks.sh")), `${folder}/marks.sh`);
  await vm.must(`sh ${folder}/marks.sh ${folder} >/dev/null 2>&1 </dev/null &`);
  return {
    stop: async () => {
      await vm.must(`touch ${folder}/stop`);
      await vm.until(`test -e ${folder}/stopped`);
      return (await vm.get(`${folder}/sent`)).trimEnd().split("\n").map(Number);
    },
  };
}
