import { isIP } from "node:net";
import type { EcsAction } from "#audit/actions.ts";
import { parsePackage } from "#audit/decode/package.ts";
import type { TellingRecord } from "./event-view.ts";
import { fieldText, hasText } from "./field-values.ts";

import {
  accountNameRows,
  accountRows,
  loginUserRows,
  pidRows,
  senderRows,
  serviceRows,
} from "./templates.ts";
import { key, type Writer } from "./writer.ts";

const keys = {
  auid: key("auid"),
  acct: key("acct"),
  addr: key("addr"),
  exe: key("exe"),
  comm: key("comm"),
  cmd: key("cmd"),
  cwd: key("cwd"),
  grp: key("grp"),
  sw: key("sw"),
  swType: key("sw_type"),
};
const unset = new Set(["", "4294967295", "-1", "?"]);
const slashByte = 0x2f;

/**
 * Writes who and where from of the records that programs send: logins, sudo, account changes. What a
 * program says of itself stands in its message.
 */
export class UserRecordWriter {
  readonly #writer: Writer;
  readonly #templates;
  /** The groups of the record in work, and of its message. */
  #group = 0;
  #message = 0;

  constructor(writer: Writer) {
    this.#writer = writer;
    this.#templates = {
      pid: writer.template(pidRows),
      login: writer.template(loginUserRows),
      sender: writer.template(senderRows),
      account: writer.template(accountRows),
      accountName: writer.template(accountNameRows),
      service: writer.template(serviceRows),
    };
  }

  /** Writes them and returns the IP address that the record came from; empty if it has none. */
  write({ group, message }: TellingRecord, action: EcsAction): string {
    this.#group = group;
    this.#message = message;
    this.#writeProcess();
    this.#writeUser(action);
    const ip = this.#writeSource();
    if (action.object === "service")
      this.#writer.core.writeTemplate(this.#templates.service, message);
    else if (action.object === "package") this.#writePackage();
    return ip;
  }

  #writeProcess(): void {
    const { core } = this.#writer;
    this.#writer.open('"process":{');
    core.writeTemplate(this.#templates.pid, this.#group);
    this.#writeProgram();
    this.#writeText('"command_line":', this.#message, keys.cmd);
    this.#writeText('"working_directory":', this.#message, keys.cwd);
    this.#writer.close();
  }

  /** The program's name is the last part of its path where it is not said. */
  #writeProgram(): void {
    const { core } = this.#writer;
    const group = core.slot(this.#message, keys.exe) === 0 ? this.#group : this.#message;
    const hasPath = this.#writeText('"executable":', group, keys.exe);
    const start = core.textStart();
    const end = start + core.textSize();
    if (hasPath && core.slot(group, keys.comm) === 0) {
      const name = Math.max(core.bytes.lastIndexOf(slashByte, end - 1) + 1, start);
      this.#writer.member('"name":');
      core.writeString(name, end - name);
    } else this.#writeText('"name":', group, keys.comm);
  }

  /** The login user acts, else the sender; the account is what is acted on. */
  #writeUser(action: EcsAction): void {
    const { core } = this.#writer;
    this.#writer.open('"user":{');
    const hasLogin = !unset.has(fieldText(core, core.slot(this.#group, keys.auid)));
    core.writeTemplate(hasLogin ? this.#templates.login : this.#templates.sender, this.#group);
    const isGroup = action.type.includes("group");
    if (!isGroup) this.#writeAccount(action.category.includes("iam") ? "target" : "effective");
    this.#writer.close();
    if (isGroup) this.#writeAccount("group");
  }

  /** An account goes by its id or by its name; then auditd's trailer names the id. */
  #writeAccount(name: "target" | "effective" | "group"): void {
    const { core } = this.#writer;
    this.#writer.open(`"${name}":{`);
    core.writeTemplate(this.#templates.account, this.#message);
    if (name === "group" && this.#writeText('"name":', this.#message, keys.grp)) {
      this.#writer.close();
      return;
    }
    if (!this.#writeText('"name":', this.#message, keys.acct)) {
      core.writeTemplate(this.#templates.accountName, this.#group);
    }
    if (name === "target") {
      this.#writer.open('"group":{');
      this.#writeText('"name":', this.#message, keys.grp);
      this.#writer.close();
    }
    this.#writer.close();
  }

  #writeSource(): string {
    const { core } = this.#writer;
    const address = fieldText(core, core.slot(this.#message, keys.addr));
    if (unset.has(address)) return "";
    const isIp = isIP(address) !== 0 && !address.includes("%");
    this.#writer.open('"source":{');
    this.#writer.member('"address":');
    this.#writer.string(Buffer.from(address, "latin1"));
    if (isIp) {
      this.#writer.member('"ip":');
      this.#writer.value(`"${address}"`);
    }
    this.#writer.close();
    return isIp ? address : "";
  }

  #writePackage(): void {
    const { core } = this.#writer;
    if (!hasText(core, core.slot(this.#message, keys.sw))) return;
    const start = core.textStart();
    const software = core.bytes.toString("utf8", start, start + core.textSize());
    const type = fieldText(core, core.slot(this.#message, keys.swType));
    const members = { ...parsePackage(software, type), ...(unset.has(type) ? {} : { type }) };
    this.#writer.open('"package":{');
    this.#writer.members(Buffer.from(JSON.stringify(members).slice(1, -1)));
    this.#writer.close();
  }

  /** Writes a field as a string unless it says "no value", and tells whether it did. */
  #writeText(member: string, group: number, id: number): boolean {
    const { core } = this.#writer;
    if (!hasText(core, core.slot(group, id))) return false;
    this.#writer.member(member);
    core.writeString(core.textStart(), core.textSize());
    return true;
  }
}
