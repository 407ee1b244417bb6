import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Arguments, assembleArguments, KEPT_ARGUMENTS } from "#audit/decode/execve.ts";
import { tokeniseBody } from "#audit/decode/message.ts";
import { bytesOf, latin1 } from "#audit/decode/scan.ts";

test("assembleArguments() reads whole arguments, encoded or not", () => {
  const { args, argc, keptBytes, problems } = assemble('argc=4 a0="ls" a1=2D6C2061 a2="" a3="75"');

  assert.deepEqual(args.map(latin1), ["ls", "-l a", "", "75"]);
  assert.equal(argc, 4);
  assert.equal(keptBytes, 8);
  assert.deepEqual(problems, []);
});

test("assembleArguments() joins fragments by their number, whatever their order", () => {
  const { args, problems } = assemble(
    'argc=2 a0="sh" a1_len=12 a1[2]=4546',
    " a1[1]=4344",
    " a1[0]=4142",
  );

  assert.deepEqual(args.map(latin1), ["sh", "ABCDEF"]);
  assert.deepEqual(problems, []);
});

test("assembleArguments() decodes each fragment by its own form and joins bytes", () => {
  const { args, problems } = assemble('argc=1 a0_len=6 a0[0]="ab"', " a0[1]=C3", ' a0[2]="yz"');

  assert.deepEqual([...(args[0] ?? [])], [0x61, 0x62, 0xc3, 0x79, 0x7a]);
  assert.deepEqual(problems, []);
});

test("assembleArguments() puts an empty argument where an old kernel left it out", () => {
  const { args, missing, problems } = assemble('argc=3 a0="grep" a2="f"');

  assert.deepEqual(args.map(latin1), ["grep", "", "f"]);
  assert.equal(missing, 1);
  assert.deepEqual(problems, ["arguments_missing"]);
});

test("assembleArguments() flags a fragment that did not come", () => {
  assert.deepEqual(assemble("argc=1 a0_len=6 a0[0]=4142", " a0[2]=43").problems, [
    "fragments_missing",
  ]);
  assert.deepEqual(assemble("argc=1 a0_len=6").problems, ["fragments_missing"]);
});

test("assembleArguments() flags fragments that are not as long as they should be", () => {
  const { args, problems } = assemble("argc=1 a0_len=60 a0[0]=4142");

  assert.deepEqual(args.map(latin1), ["AB"]);
  assert.deepEqual(problems, ["length_mismatch"]);
});

test("assembleArguments() keeps a bounded number of arguments and tells how many there were", () => {
  const { args, argc, missing, problems } = assemble('argc=40009 a0="x"');

  assert.equal(args.length, KEPT_ARGUMENTS);
  assert.equal(argc, 40_009);
  assert.equal(missing, 40_008);
  assert.deepEqual(problems, ["too_many_arguments", "arguments_missing"]);
});

test("assembleArguments() keeps a bounded number of bytes", () => {
  const long = "x".repeat(600_000);

  const { args, keptBytes, problems } = assemble(`argc=3 a0="${long}" a1="${long}" a2="y"`);

  assert.deepEqual(
    args.map(({ length }) => length),
    [600_000],
  );
  assert.equal(keptBytes, 600_000);
  assert.deepEqual(problems, ["arguments_too_long"]);
});

test("assembleArguments() takes any fields", () => {
  const key = fc.stringMatching(/^a\d{1,10}(?:_len|\[\d{1,10}\])?$|^argc$/);
  const field = fc.record({
    key,
    value: fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.stringMatching(/^\d{1,12}$/).map(bytesOf)),
    form: fc.constantFrom("bare" as const, "quoted" as const),
  });
  fc.assert(
    fc.property(fc.array(fc.array(field, { maxLength: 10 }), { maxLength: 5 }), (records) => {
      const { args, keptBytes } = assembleArguments(records);

      assert.ok(args.length <= KEPT_ARGUMENTS);
      assert.equal(
        args.reduce((sum, { length }) => sum + length, 0),
        keptBytes,
      );
    }),
  );
});

test("assembleArguments() gives back arguments however they were split and in whatever order", () => {
  const split = fc.record({
    bytes: fc.uint8Array({ minLength: 1, maxLength: 60 }),
    cut: fc.integer({ min: 1, max: 20 }),
  });
  const plan = fc.array(split, { minLength: 1, maxLength: 8 }).chain((args) => {
    const records = args.flatMap(({ bytes, cut }, index) => renderArgument(index, bytes, cut));
    return fc.record({
      args: fc.constant(args),
      records: fc.shuffledSubarray(records, { minLength: records.length }),
    });
  });
  fc.assert(
    fc.property(plan, ({ args, records }) => {
      const assembled = assemble(`argc=${args.length}`, ...records);

      assert.deepEqual(assembled.problems, []);
      assert.deepEqual(
        assembled.args.map((bytes) => [...bytes]),
        args.map(({ bytes }) => [...bytes]),
      );
    }),
  );
});

function assemble(...bodies: readonly string[]): Arguments {
  return assembleArguments(bodies.map((body) => tokeniseBody(bytesOf(body)).outer));
}

/** Splits one argument into bodies of EXECVE records. */
function renderArgument(index: number, bytes: Uint8Array, cut: number): string[] {
  const digits = Buffer.from(bytes).toString("hex").toUpperCase();
  const fragments = digits.match(new RegExp(`.{1,${2 * cut}}`, "g")) ?? [];
  return [
    ` a${index}_len=${digits.length}`,
    ...fragments.map((fragment, number) => ` a${index}[${number}]=${fragment}`),
  ];
}
