import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An OpenPGP key that signs, of GnuPG's own folder or of a file. */
export class SigningKey implements Disposable {
  readonly fingerprint: string;
  readonly isRsa: boolean;
  readonly #home: string;
  readonly #isOwnHome: boolean;

  /**
   * Opens a key: `key` is a file with the secret key, or what names one that GnuPG has, such as a
   * fingerprint or an address. Throws an Error that says what to do if there is no such key.
   */
  static open(key: string): SigningKey {
    const isFile = existsSync(key);
    const home = isFile
      ? mkdtempSync(join(tmpdir(), "linuxguard-key-"))
      : (process.env.GNUPGHOME ?? join(process.env.HOME ?? "/", ".gnupg"));
    try {
      if (isFile) importKey(home, key);
      return new SigningKey(home, isFile, findKey(home, key, isFile));
    } catch (error) {
      if (isFile) removeHome(home);
      throw error;
    }
  }

  private constructor(home: string, isOwnHome: boolean, { fingerprint, isRsa }: FoundKey) {
    this.#home = home;
    this.#isOwnHome = isOwnHome;
    this.fingerprint = fingerprint;
    this.isRsa = isRsa;
  }

  /** The public key, with no signatures by others: binary, as apt wants it, or as text, as rpm does. */
  publicKey(form: "binary" | "armored" = "binary"): Uint8Array {
    const armor = form === "armored" ? ["--armor"] : [];
    const options = [...armor, "--export-options", "export-minimal", "--export", this.fingerprint];
    return execFileSync("gpg", [...optionsOf(this.#home), ...options]);
  }

  /** Signs a file: the text within the signature, as InRelease, or the signature alone. */
  sign(file: string, form: "clear" | "detached", output: string): void {
    const how = form === "clear" ? ["--clear-sign"] : ["--armor", "--detach-sign"];
    execFileSync(
      "gpg",
      [
        ...optionsOf(this.#home),
        ...["--yes", "--digest-algo", "SHA512", "--local-user", `${this.fingerprint}!`],
        ...["--output", output, ...how, file],
      ],
      { stdio: ["inherit", "ignore", "inherit"] },
    );
    this.#verify(file, form, output);
  }

  /**
   * Signs packages of rpm where they lie. The time, in seconds of the epoch, makes the signature of
   * equal bytes equal; a key that is younger signs with the time at which it was made.
   */
  signRpms(files: readonly string[], time: number): void {
    const at = new Date(Math.max(time, this.#createdAt()) * 1_000);
    const stamp = at.toISOString().replace(/[-:]|\.\d+Z$/g, "");
    const macros = {
      __gpg: "/usr/bin/gpg",
      _gpg_path: this.#home,
      _gpg_name: `${this.fingerprint}!`,
      _gpg_digest_algo: "sha256",
      _gpg_sign_cmd_extra_args: `--batch --faked-system-time ${stamp}!`,
    };
    execFileSync("rpmsign", [...definesOf(macros), "--addsign", ...files], { stdio: "pipe" });
    this.#verifyRpms(files);
  }

  [Symbol.dispose](): void {
    if (this.#isOwnHome) removeHome(this.#home);
  }

  #createdAt(): number {
    const list = ["--with-colons", "--list-keys", this.fingerprint];
    const text = execFileSync("gpg", [...optionsOf(this.#home), ...list], { encoding: "utf8" });
    return Number(/^pub:(?:[^:]*:){4}(?<time>\d+):/m.exec(text)?.groups?.time);
  }

  /** rpmsign that finds no gpg signs nothing and says nothing. */
  #verifyRpms(files: readonly string[]): void {
    const folder = mkdtempSync(join(tmpdir(), "linuxguard-verify-"));
    try {
      writeFileSync(join(folder, "key"), this.publicKey("armored"));
      const rpmkeys = (...args: readonly string[]) =>
        execFileSync(
          "rpmkeys",
          [...definesOf({ _dbpath: folder, _pkgverify_level: "all" }), ...args],
          { stdio: "pipe" },
        );
      rpmkeys("--import", join(folder, "key"));
      rpmkeys("--checksig", ...files);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** What is published is what apt, with no more than the public key, will accept. */
  #verify(file: string, form: "clear" | "detached", output: string): void {
    const folder = mkdtempSync(join(tmpdir(), "linuxguard-verify-"));
    try {
      const keyring = join(folder, "keyring.gpg");
      writeFileSync(keyring, this.publicKey());
      const files = form === "clear" ? [output] : [output, file];
      execFileSync("gpgv", ["--quiet", "--keyring", keyring, ...files], { stdio: "pipe" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

function importKey(home: string, file: string): void {
  if (!/^(?:-----BEGIN PGP PRIVATE KEY BLOCK-----|[\x94-\x97\xc5])/.test(headOf(file))) {
    throw new Error(`Cannot sign with ${file}: it has no secret key of OpenPGP`);
  }
  execFileSync("gpg", [...optionsOf(home), "--import", file], { stdio: "pipe" });
}

function headOf(file: string): string {
  return readFileSync(file).subarray(0, 64).toString("latin1");
}

type FoundKey = Pick<SigningKey, "fingerprint" | "isRsa">;

/** The first secret key that can sign, of the file or of those that the name fits. Source: GnuPG, doc/DETAILS. */
function findKey(home: string, key: string, isFile: boolean): FoundKey {
  const list = ["--with-colons", "--list-secret-keys", ...(isFile ? [] : [key])];
  const { stdout, error } = spawnSync("gpg", [...optionsOf(home), ...list], { encoding: "utf8" });
  if (error !== undefined) throw error;
  const { algorithm, fingerprint } =
    /^sec:(?:[^:]*:){2}(?<algorithm>\d+):(?:[^:]*:){7}[^:]*S[^:]*:.*\n(?:.*\n)*?fpr:+(?<fingerprint>[0-9A-F]+):/m.exec(
      stdout,
    )?.groups ?? {};
  if (fingerprint !== undefined) return { fingerprint, isRsa: algorithm === "1" };
  throw new Error(`Cannot find a secret key that signs: current value of KEY is "${key}"`);
}

function optionsOf(home: string): readonly string[] {
  return ["--homedir", home, "--batch", "--quiet"];
}

function definesOf(macros: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(macros).flatMap(([name, value]) => ["--define", `${name} ${value}`]);
}

/** Has GnuPG's agent for the folder end, which would else stay behind. */
function removeHome(home: string): void {
  spawnSync("gpgconf", ["--homedir", home, "--kill", "all"]);
  rmSync(home, { recursive: true, force: true });
}
