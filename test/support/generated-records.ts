import fc from "fast-check";

/** One record: its type and its body. */
export interface GeneratedRecord {
  readonly type: string;
  readonly body: string;
}

/** Writes bytes as the kernel does: quoted, or in hex if one of them could not stand in the line. */
function encode(text: string): string {
  return /[^\x21\x23-\x7e]/.test(text) ? hex(text) : `"${text}"`;
}

function hex(text: string): string {
  return Buffer.from(text, "latin1").toString("hex").toUpperCase();
}

/** Bytes without NUL, one character each. */
const text = fc
  .oneof(
    fc.stringMatching(/^[a-z/._=-]{1,12}$/),
    fc.constantFrom(
      "deadbeef",
      "DEADBEEF",
      "41607E",
      "(null)",
      "?",
      "a b",
      'say "x"',
      "x' res=1",
      "msg='",
    ),
    fc
      .string({ minLength: 1, maxLength: 12 })
      .map((wide) => Buffer.from(wide).toString("latin1").replaceAll("\0", "")),
    fc
      .uint8Array({ min: 1, minLength: 1, maxLength: 12 })
      .map((bytes) => Buffer.from(bytes).toString("latin1")),
  )
  .filter((value) => value !== "");
const path = text.map((name) => `/srv/${name}`);
const id = fc.oneof(fc.constantFrom(0, 33, 5_001, 4_294_967_295), fc.nat({ max: 70_000 }));
const userName = fc.constantFrom("root", "www-data", "domain users", "élodie", "a'b");
const word = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => value.toString(16));
const key = fc.oneof(
  fc.constant("(null)"),
  fc
    .array(fc.stringMatching(/^[a-z_]{1,9}$/), { minLength: 1, maxLength: 3 })
    .map((keys) => encode(keys.join("\x01"))),
);

/** Names for the ids of a record, as auditd adds them. */
function withTrailer(
  body: string,
  ids: readonly (readonly [string, number])[],
  name: string,
  on: boolean,
): string {
  if (!on) return body;
  const names = ids.map(
    ([field, value]) =>
      `${field.toUpperCase()}=${value === 4_294_967_295 ? '"unset"' : encode(name)}`,
  );
  return `${body}\x1d${names.join(" ")}`;
}

const ids = "auid uid gid euid suid fsuid egid sgid fsgid".split(" ");

function syscall(number: number, name: string, items: number): fc.Arbitrary<GeneratedRecord> {
  return fc
    .record({
      exit: fc.oneof(fc.constantFrom(0, -2, -13, -115), fc.nat({ max: 4_000 })),
      args: fc.array(word, { minLength: 4, maxLength: 4 }),
      pid: fc.nat({ max: 4_194_304 }),
      ids: fc.array(id, { minLength: 9, maxLength: 9 }),
      tty: fc.constantFrom("(none)", "pts0", "tty1"),
      ses: fc.constantFrom(4_294_967_295, 7),
      comm: text,
      exe: path,
      subj: fc.constantFrom("", "subj=unconfined ", "subj==/usr/sbin/x//y (enforce) "),
      key,
      userName,
      trailer: fc.boolean(),
    })
    .map((call) => {
      const named = ids.map((field, index) => [field, call.ids[index] ?? 0] as const);
      const body = [
        `arch=c000003e syscall=${number} success=${call.exit < 0 ? "no" : "yes"} exit=${call.exit}`,
        ...call.args.map((arg, index) => `a${index}=${arg}`),
        `items=${items} ppid=${call.pid >> 1} pid=${call.pid}`,
        ...named.map(([field, value]) => `${field}=${value}`),
        `tty=${call.tty} ses=${call.ses} comm=${encode(call.comm)} exe=${encode(call.exe)} ${call.subj}key=${call.key}`,
      ].join(" ");
      const full = withTrailer(body, named, call.userName, call.trailer);
      return { type: "SYSCALL", body: full.replace("\x1d", `\x1dARCH=x86_64 SYSCALL=${name} `) };
    });
}

function pathRecord(item: number): fc.Arbitrary<GeneratedRecord> {
  return fc
    .record({
      name: path,
      inode: fc.nat(),
      mode: fc.constantFrom("0100644", "040755", "0120777", "020620"),
      ouid: id,
      userName,
      trailer: fc.boolean(),
    })
    .map(({ name, inode, mode, ouid, userName: owner, trailer }) => ({
      type: "PATH",
      body: withTrailer(
        `item=${item} name=${encode(name)} inode=${inode} dev=08:01 mode=${mode} ouid=${ouid} ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0`,
        [
          ["ouid", ouid],
          ["ogid", 0],
        ],
        owner,
        trailer,
      ),
    }));
}

const cwd = path.map((folder) => ({ type: "CWD", body: ` cwd=${encode(folder)}`.trimStart() }));
const proctitle = fc
  .array(text, { minLength: 1, maxLength: 4 })
  .map((title) => ({ type: "PROCTITLE", body: `proctitle=${encode(title.join("\0"))}` }));

/** Arguments over as many records as they need at a limit far below the kernel's. */
const execve = fc
  .record({
    args: fc.array(
      fc.oneof(
        text,
        fc.constant(""),
        text.map((part) => part.repeat(30)),
      ),
      { minLength: 1, maxLength: 9 },
    ),
    limit: fc.integer({ min: 60, max: 400 }),
  })
  .map(({ args, limit }) => {
    const bodies: string[] = [];
    let body = `argc=${args.length}`;
    const add = (field: string): void => {
      if (body.length + field.length > limit && body !== "") {
        bodies.push(body);
        body = "";
      }
      body += `${body === "" ? "" : " "}${field}`;
    };
    for (const [index, arg] of args.entries()) {
      if (hex(arg).length <= limit) {
        add(`a${index}=${encode(arg)}`);
        continue;
      }
      add(`a${index}_len=${hex(arg).length}`);
      const size = limit >> 1;
      for (let from = 0; from < arg.length; from += size) {
        add(`a${index}[${from / size}]=${hex(arg.slice(from, from + size))}`);
      }
    }
    return [...bodies, body].map((part) => ({ type: "EXECVE", body: part }));
  });

const sockaddr = fc
  .oneof(
    fc.tuple(fc.nat({ max: 65_535 }), fc.nat()).map(([port, host]) => {
      const bytes = Buffer.alloc(16);
      bytes.writeUInt16LE(2);
      bytes.writeUInt16BE(port, 2);
      bytes.writeUInt32BE(host >>> 0, 4);
      return bytes;
    }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }).map((host) =>
      // Not link-local, whose scope auparse resolves.
      Buffer.concat([
        Buffer.from([10, 0, 0, 80, 0, 0, 0, 0, 0x20]),
        host.subarray(1),
        Buffer.alloc(4),
      ]),
    ),
    path.map((name) =>
      Buffer.concat([Buffer.from([1, 0]), Buffer.from(name, "latin1"), Buffer.alloc(1)]),
    ),
    fc.nat({ max: 90_000 }).map((port) => {
      const bytes = Buffer.alloc(12);
      bytes.writeUInt16LE(16);
      bytes.writeUInt32LE(port, 4);
      return bytes;
    }),
  )
  .map((bytes) => ({ type: "SOCKADDR", body: `saddr=${bytes.toString("hex").toUpperCase()}` }));

const userRecord = fc
  .record({
    type: fc.constantFrom(
      "USER_AUTH",
      "USER_ACCT",
      "CRED_ACQ",
      "USER_START",
      "USER_END",
      "USER_LOGIN",
      "ADD_USER",
    ),
    pid: fc.nat({ max: 70_000 }),
    uid: id,
    auid: id,
    acct: fc.oneof(text.map(encode), fc.constantFrom("deadbeef", "alice")),
    exe: path,
    addr: fc.constantFrom("?", "192.0.2.7", "2001:db8::1"),
    res: fc.constantFrom("success", "failed"),
    userName,
    trailer: fc.boolean(),
  })
  .map((user) => ({
    type: user.type,
    body: withTrailer(
      `pid=${user.pid} uid=${user.uid} auid=${user.auid} ses=7 msg='op=PAM:x grantors=pam_unix acct=${user.acct} exe=${encode(user.exe)} hostname=? addr=${user.addr} terminal=ssh res=${user.res}'`,
      [
        ["uid", user.uid],
        ["auid", user.auid],
      ],
      user.userName,
      user.trailer,
    ),
  }));

const target = fc
  .record({ opid: fc.nat({ max: 70_000 }), oauid: id, ouid: id, ocomm: text })
  .map(({ opid, oauid, ouid, ocomm }) => ({
    type: "OBJ_PID",
    body: `opid=${opid} oauid=${oauid} ouid=${ouid} oses=7 ocomm=${encode(ocomm)}`,
  }));

/** The records of one event, of the kinds that make most of a log. */
export const eventRecords: fc.Arbitrary<readonly GeneratedRecord[]> = fc.oneof(
  fc
    .tuple(syscall(59, "execve", 2), execve, cwd, pathRecord(0), pathRecord(1), proctitle)
    .map(([call, args, folder, ...rest]) => [call, ...args, folder, ...rest]),
  fc.tuple(syscall(257, "openat", 1), cwd, pathRecord(0), proctitle),
  fc.tuple(syscall(82, "rename", 4), cwd, ...[0, 1, 2, 3].map(pathRecord), proctitle),
  fc.tuple(syscall(42, "connect", 0), sockaddr, proctitle),
  fc.tuple(syscall(62, "kill", 0), target, proctitle),
  fc.tuple(userRecord),
);
