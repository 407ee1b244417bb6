import { isIP } from "node:net";
import type { EcsAction } from "#audit/actions.ts";
import { fieldText } from "./call.ts";
import { groups } from "./event-view.ts";
import { loginUserRows, outerProgramRows, pidRows, programRows, senderRows } from "./templates.ts";
import { key, type Writer } from "./writer.ts";

const keys = {
  auid: key("auid"),
  acct: key("acct"),
  addr: key("addr"),
  hostname: key("hostname"),
  id: key("id"),
  exe: key("exe"),
  cmd: key("cmd"),
  cwd: key("cwd"),
};
const unset = new Set(["", "4294967295", "-1", "?"]);

/** Writes who and where from of the records that programs send: logins, sudo, account changes. */
export class UserRecordWriter {
  readonly #writer: Writer;
  readonly #templates;

  constructor(writer: Writer) {
    this.#writer = writer;
    this.#templates = {
      pid: writer.template(pidRows),
      program: writer.template(programRows),
      outerProgram: writer.template(outerProgramRows),
      login: writer.template(loginUserRows),
      sender: writer.template(senderRows),
    };
  }

  write(action: EcsAction): void {
    this.#writeProcess();
    this.#writeUser(action);
    this.#writeSource();
  }

  #writeProcess(): void {
    const { core } = this.#writer;
    this.#writer.open('"process":{');
    core.writeTemplate(this.#templates.pid, groups.main);
    const isInner = core.slot(groups.message, keys.exe) !== 0;
    if (isInner) core.writeTemplate(this.#templates.program, groups.message);
    else core.writeTemplate(this.#templates.outerProgram, groups.main);
    if (this.#decode(keys.cmd)) {
      this.#writer.member('"command_line":');
      core.writeString(core.textStart(), core.textSize());
    }
    if (this.#decode(keys.cwd)) {
      this.#writer.member('"working_directory":');
      core.writeString(core.textStart(), core.textSize());
    }
    this.#writer.close();
  }

  /** The login user acts, else the sender; the account is what is acted on. */
  #writeUser(action: EcsAction): void {
    const { core } = this.#writer;
    this.#writer.open('"user":{');
    const hasLogin = !unset.has(fieldText(core, core.slot(groups.main, keys.auid)));
    core.writeTemplate(hasLogin ? this.#templates.login : this.#templates.sender, groups.main);
    const isGroup = action.type.includes("group");
    if (!isGroup) this.#writeAccount(action.category.includes("iam") ? "target" : "effective");
    this.#writer.close();
    if (isGroup) this.#writeAccount("group");
  }

  #writeAccount(name: "target" | "effective" | "group"): void {
    const { core } = this.#writer;
    this.#writer.open(`"${name}":{`);
    const id = fieldText(core, core.slot(groups.message, keys.id));
    if (!unset.has(id)) {
      this.#writer.member('"id":');
      this.#writer.string(Buffer.from(id, "latin1"));
    }
    if (this.#decode(keys.acct)) {
      this.#writer.member('"name":');
      core.writeString(core.textStart(), core.textSize());
    }
    this.#writer.close();
  }

  #writeSource(): void {
    const { core } = this.#writer;
    const address = fieldText(core, core.slot(groups.message, keys.addr));
    if (unset.has(address)) return;
    this.#writer.open('"source":{');
    this.#writer.member('"address":');
    this.#writer.string(Buffer.from(address, "latin1"));
    if (isIP(address) !== 0 && !address.includes("%")) this.#writer.member(`"ip":"${address}"`);
    this.#writer.close();
  }

  #decode(id: number): boolean {
    const { core } = this.#writer;
    const field = core.slot(groups.message, id);
    return field !== 0 && Boolean(core.decodeValue(field)) && core.textSize() > 0;
  }
}
