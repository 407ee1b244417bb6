import type { EcsAction } from "#audit/actions.ts";
import type { Call } from "./call.ts";
import { type EventView, groups, type TellingRecord } from "./event-view.ts";
import { hasSameValue, hasText } from "./field-values.ts";
import type { SocketWriter } from "./socket.ts";
import { relatedAccountRows, relatedSenderRows, relatedUserRows } from "./templates.ts";
import { key, type Writer } from "./writer.ts";

const keys = { acct: key("acct") };
const trailerNames = [key("AUID"), key("UID"), key("ID")];

/** Writes `related`: the users and addresses of a document in one place, to search by. */
export class RelatedWriter {
  readonly #writer: Writer;
  readonly #socket: SocketWriter;
  readonly #templates;
  readonly #literals;

  constructor(writer: Writer, socket: SocketWriter) {
    this.#writer = writer;
    this.#socket = socket;
    this.#templates = {
      users: writer.template(relatedUserRows),
      sender: writer.template(relatedSenderRows),
      account: writer.template(relatedAccountRows),
    };
    this.#literals = {
      related: writer.literal('"related":{'),
      user: writer.literal('"user":['),
      ip: writer.literal('"ip":['),
    };
  }

  /** Of an event that the kernel told of. */
  write({ hasSocket }: EventView, call: Call | undefined): void {
    const writer = this.#writer;
    writer.openLiteral(this.#literals.related);
    writer.openLiteral(this.#literals.user);
    writer.core.writeTemplate(this.#templates.users, groups.main);
    writer.closeArray();
    if (hasSocket && call !== undefined) {
      writer.openLiteral(this.#literals.ip);
      this.#socket.writeIp(call);
      writer.closeArray();
    }
    writer.close();
  }

  /** Of an event that a program told of; `ip` is empty if it came from no address. */
  writeTold({ group, message }: TellingRecord, { type }: EcsAction, ip: string): void {
    const writer = this.#writer;
    const isGroup = type.includes("group");
    writer.openLiteral(this.#literals.related);
    writer.openLiteral(this.#literals.user);
    writer.core.writeTemplate(isGroup ? this.#templates.sender : this.#templates.account, group);
    if (!isGroup) this.#writeAccount(group, writer.core.slot(message, keys.acct));
    writer.closeArray();
    if (ip !== "") {
      writer.member('"ip":');
      writer.value(`["${ip}"]`);
    }
    writer.close();
  }

  /** The name of the account, unless it is one of those before it. */
  #writeAccount(group: number, account: number): void {
    const { core } = this.#writer;
    if (!hasText(core, account)) return;
    for (const name of trailerNames)
      if (hasSameValue(core, core.slot(group, name), account)) return;
    core.separate();
    core.writeString(core.textStart(), core.textSize());
  }
}
