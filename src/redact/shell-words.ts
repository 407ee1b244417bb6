/** A word of a shell's text: what the program gets, and where each character of it stands. */
export interface ShellWord {
  readonly text: string;
  /** The place of each character in the text. */
  readonly places: readonly number[];
  /** It is what a variable or a command gives, all of it. */
  readonly isExpansion: boolean;
}

/** A simple command of a shell's text. */
export interface ShellCommand {
  readonly words: readonly ShellWord[];
  /** The words that `<<<` gives it to read. */
  readonly given: readonly ShellWord[];
  /** What the command before it prints is what it reads. */
  readonly isPiped: boolean;
}

const endsWord = /[ \t\n\r;&|()<>]/;
const marker = /<redacted:[0-9a-f]{12}>/y;

/**
 * Splits a shell's text into its simple commands. It never fails: an open quote ends with the text.
 * Commands in `$(…)` and backquotes are parts of their word.
 *
 * Source: sh(1p), 2.2 Quoting and 2.3 Token Recognition.
 */
export function splitShell(text: string): readonly ShellCommand[] {
  return new ShellSplitter(text).split();
}

class ShellSplitter {
  readonly #text: string;
  readonly #commands: ShellCommand[] = [];
  #at = 0;
  #words: ShellWord[] = [];
  #given: ShellWord[] = [];
  #isPiped = false;
  #chars: string[] = [];
  #places: number[] = [];
  /** What the next word is: an argument, text to read, or the target of a redirection. */
  #next: "argument" | "given" | "target" = "argument";

  constructor(text: string) {
    this.#text = text;
  }

  split(): readonly ShellCommand[] {
    while (this.#at < this.#text.length) this.#step();
    this.#endCommand(false);
    return this.#commands;
  }

  #step(): void {
    const char = this.#text.charAt(this.#at);
    if (char === " " || char === "\t") this.#at++;
    else if (";&|\n\r()".includes(char)) {
      this.#at++;
      const isPipe = char === "|" && this.#text.charAt(this.#at) !== "|";
      this.#endCommand(isPipe);
    } else if ((char === "<" || char === ">") && !this.#isMarker()) this.#redirect(char);
    else this.#endWord(this.#readWord());
  }

  #redirect(char: string): void {
    const isGiven = this.#text.startsWith("<<<", this.#at);
    this.#at += isGiven ? 3 : 1;
    if (!isGiven) while (this.#text.charAt(this.#at) === char) this.#at++;
    // `<(` and `>&2`: what follows is a command of its own, or no word.
    if (this.#text.charAt(this.#at) === "&") this.#at++;
    this.#next = isGiven ? "given" : "target";
  }

  #endWord(word: ShellWord): void {
    if (this.#next === "argument") this.#words.push(word);
    else if (this.#next === "given") this.#given.push(word);
    this.#next = "argument";
  }

  #endCommand(isPipe: boolean): void {
    if (this.#words.length > 0) {
      this.#commands.push({ words: this.#words, given: this.#given, isPiped: this.#isPiped });
      this.#isPiped = isPipe;
    }
    this.#words = [];
    this.#given = [];
    this.#next = "argument";
  }

  #readWord(): ShellWord {
    const start = this.#at;
    this.#chars = [];
    this.#places = [];
    while (this.#at < this.#text.length && this.#readPart());
    this.#at = Math.min(this.#at, this.#text.length);
    const raw = this.#text.slice(start, this.#at);
    const isExpansion = /^(?:[^=]*=)?"?(?:\$\w+|\$\{[^}]*\}|\$\(.*\)|`[^`]*`)"?$/s.test(raw);
    return { text: this.#chars.join(""), places: this.#places, isExpansion };
  }

  /** Reads the next part of a word; false if the word is over. */
  #readPart(): boolean {
    const char = this.#text.charAt(this.#at);
    if (this.#isMarker()) {
      this.#takeTo(this.#text.indexOf(">", this.#at) + 1);
    } else if (endsWord.test(char)) return false;
    else if (char === "\\") {
      this.#at++;
      if (this.#at < this.#text.length) this.#take();
    } else if (char === "'" || char === '"') this.#readQuoted(char);
    else if (char === "`" || this.#text.startsWith("$(", this.#at)) this.#readCommand();
    else this.#take();
    return true;
  }

  /** Takes a character as it stands. */
  #take(): void {
    this.#chars.push(this.#text.charAt(this.#at));
    this.#places.push(this.#at);
    this.#at++;
  }

  #readQuoted(quote: string): void {
    this.#at++;
    while (this.#at < this.#text.length && this.#text.charAt(this.#at) !== quote) {
      const isEscape = quote === '"' && /^\\["\\$`]/.test(this.#text.slice(this.#at, this.#at + 2));
      if (isEscape) this.#at++;
      this.#take();
    }
    this.#at++;
  }

  /** `$(…)` or backquotes, kept as they stand. */
  #readCommand(): void {
    if (this.#text.charAt(this.#at) === "`") {
      const end = this.#text.indexOf("`", this.#at + 1);
      this.#takeTo(end < 0 ? this.#text.length : end + 1);
      return;
    }
    let depth = 0;
    let end = this.#at + 1;
    do {
      const char = this.#text.charAt(end);
      if (char === "(") depth++;
      else if (char === ")") depth--;
      end++;
    } while (depth > 0 && end < this.#text.length);
    this.#takeTo(end);
  }

  #takeTo(end: number): void {
    while (this.#at < end) this.#take();
  }

  #isMarker(): boolean {
    if (this.#text.charAt(this.#at) !== "<") return false;
    marker.lastIndex = this.#at;
    return marker.test(this.#text);
  }
}
