import fc from "fast-check";
import { eventRecords } from "#test/support/generated-records.ts";

const stampText = fc.oneof(
  { weight: 8, arbitrary: fc.nat({ max: 6 }).map((serial) => `1700000000.123:${serial}`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...[
        "1700000000.5:1",
        "1700000000:1",
        "1700000003.000:1",
        "1700009000.001:2",
        "1600000000.001:2",
      ],
      ...["0.000:0", "1.000:4294967295", "4294967296.000:1", "999999999999.999:1", "01.000:01"],
      ...[
        "1.0000:1",
        "1.000:4294967296",
        "",
        ":",
        "1",
        "1.000:",
        "x.000:1",
        "1.000:1:1",
        "-1.000:1",
      ],
    ),
  },
);
const node = fc.constantFrom(
  ...["", "", "", "", "node=a ", "node=b ", "node= ", "node=ü ", "node=\xff ", "node=a  "],
);
const lead = fc.constantFrom(..."         ".split(""), "", "", "", "", "", "audit: ", "audit:");
const typeName = fc.oneof(
  fc.constantFrom(
    ..."SYSCALL EXECVE PATH CWD PROCTITLE SOCKADDR EOE USER_AUTH SERVICE_START AVC ADD_GROUP LOGIN".split(
      " ",
    ),
    ..."DAEMON_START DAEMON_END CONFIG_CHANGE SECCOMP TTY OBJ_PID BPRM_FCAPS KERN_MODULE".split(
      " ",
    ),
    ..."UNKNOWN[1420] UNKNOWN[1334] 1400 1300 __proto__ constructor toString A-1 []".split(" "),
  ),
  fc.stringMatching(/^[A-Z_]{1,64}$/),
);
const key = fc.oneof(
  fc.constantFrom(
    ..."arch syscall success exit a0 a1 a2 items ppid pid auid uid euid suid gid egid tty ses comm".split(
      " ",
    ),
    ..."exe subj key argc a0_len a0[0] a0[1] a1[2] item name inode dev mode ouid nametype cwd".split(
      " ",
    ),
    ..."proctitle saddr res op acct addr hostname id cmd unit data msg sig code ARCH SYSCALL UID".split(
      " ",
    ),
    ..."AUID ID OUID record_type message type raw __proto__ constructor toString hasOwnProperty".split(
      " ",
    ),
  ),
  fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_-]{0,12}$/),
);
const value = fc.oneof(
  fc.constantFrom(
    ...[
      "0",
      "1",
      "yes",
      "no",
      "success",
      "59",
      "c000003e",
      "4294967295",
      "-1",
      "?",
      "(null)",
      "(none)",
    ],
    ...[
      '"',
      '"x y"',
      '"a\\b"',
      "'",
      "{",
      "{ a=b }",
      "2F62696E",
      "0A22",
      "C3",
      "FF",
      "0100644",
      "08:01",
    ],
    ...[
      "00",
      "007",
      "1e3",
      "99999999999999999999",
      'x"y',
      'a","b":"c',
      "\\u0000",
      "0x10",
      "=",
      "CREATE",
    ],
    ...[
      "02000016C0000207",
      "0A00",
      "0100",
      "ffffff9c",
      "/a/../b//./c",
      "../x",
      "",
      "-115",
      "DELETE",
      "PARENT",
    ],
  ),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
  fc
    .uint8Array({ minLength: 1, maxLength: 40 })
    .map((bytes) => Buffer.from(bytes).toString("hex").toUpperCase()),
  fc.string({ maxLength: 12 }).map((text) => Buffer.from(text).toString("latin1")),
);
const field = fc.tuple(key, value).map(([name, text]) => `${name}=${text}`);
const body = fc
  .record({
    outer: fc.array(field, { maxLength: 12 }),
    inner: fc.option(fc.array(field, { maxLength: 6 }), { nil: undefined }),
    trailer: fc.option(fc.array(field, { maxLength: 4 }), { nil: undefined }),
    separator: fc.constantFrom("\x1d", "\x1d", " ", ""),
  })
  .map(({ outer, inner, trailer, separator }) => {
    const message = inner === undefined ? "" : ` msg='${inner.join(" ")}'`;
    const names = trailer === undefined ? "" : `${separator}${trailer.join(" ")}`;
    return `${outer.join(" ")}${message}${names}`;
  });
const header = fc
  .record({
    lead,
    node,
    typeName,
    gap: fc.constantFrom(" ", " ", " ", " ", "  "),
    msg: fc.constantFrom("msg=", "msg=", "msg=", "msg=", "msg=", ""),
    stampText,
    end: fc.constantFrom("): ", "): ", "): ", "): ", "):", ") ", ")", "):  "),
  })
  .map(
    (at) =>
      `${at.lead}${at.node}type=${at.typeName}${at.gap}${at.msg}audit(${at.stampText}${at.end}`,
  );
const record = fc.tuple(header, body).map((parts) => parts.join(""));
const goodRecord = fc
  .tuple(fc.nat({ max: 6 }), eventRecords)
  .map(([serial, records]) =>
    records
      .map((each) => `type=${each.type} msg=audit(1700000000.123:${serial}): ${each.body}`)
      .join("\n"),
  );
const noRecord = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "  \t",
    "type=",
    "type=SYSCALL",
    "type=X msg=?",
    "type=DAEMON_ERR op=format-raw msg=NULL res=failed",
  ),
  fc.constantFrom(
    "node=a type=X msg=lost",
    "type=SYSCALL msg=audit(",
    "type=\xff msg=audit(1.000:1): ",
    "hello world",
  ),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
);

/** Logs of a few events with everything in them that a log can hold, as bytes. */
export const hostileLog: fc.Arbitrary<Buffer> = fc
  .record({
    lines: fc.array(
      fc.oneof(
        { weight: 5, arbitrary: record },
        { weight: 2, arbitrary: goodRecord },
        { weight: 2, arbitrary: noRecord },
      ),
      { maxLength: 30, size: "max" },
    ),
    isCut: fc.boolean(),
  })
  .map(({ lines, isCut }) =>
    Buffer.from(lines.join("\n") + (isCut || lines.length === 0 ? "" : "\n"), "latin1"),
  );

/** Sizes of the pieces that a log comes in. */
export const pieceSizes: fc.Arbitrary<readonly number[]> = fc.array(
  fc.integer({ min: 1, max: 400 }),
  {
    minLength: 1,
    maxLength: 30,
  },
);
