import { OTHER } from "#audit/core/lines.ts";
import type { Line } from "#audit/line.ts";
import type { PlacedText, Writer } from "./writer.ts";

/** The texts that a record's type gives. */
export interface TypeTexts {
  /** `"SYSCALL"` */
  readonly name: PlacedText;
  /** `{"type":"SYSCALL","raw":` */
  readonly beginRecord: PlacedText;
  /** `{"type":"SYSCALL","line":` */
  readonly beginLine: PlacedText;
}

/** Types that are kept, for their names come from the log. */
const rememberedTypes = 256;

/** Makes the texts of each record type once. */
export class TypeTextsMaker {
  readonly #writer: Writer;
  readonly #byNumber: TypeTexts[] = [];
  readonly #byName = new Map<string, TypeTexts>();

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  of({ type, typeName }: Line): TypeTexts {
    const known = type === OTHER ? this.#byName.get(typeName) : this.#byNumber[type];
    return known ?? this.#make(type, typeName);
  }

  #make(type: number, typeName: string): TypeTexts {
    const texts = {
      name: this.#writer.place(`"${typeName}"`),
      beginRecord: this.#writer.place(`{"type":"${typeName}","raw":`),
      beginLine: this.#writer.place(`{"type":"${typeName}","line":`),
    };
    if (type !== OTHER) this.#byNumber[type] = texts;
    else if (this.#byName.size < rememberedTypes) this.#byName.set(typeName, texts);
    return texts;
  }
}
