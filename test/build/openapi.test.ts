import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { batchHeaderNames } from "#wire/batch-headers.ts";
import { operations } from "#wire/operations.ts";
import { answerClasses } from "#wire/statuses.ts";

interface Described {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, { readonly post: OperationText }>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

interface OperationText {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string }[];
  readonly responses: Readonly<Record<string, object>>;
}

const text = readFileSync("docs/openapi.json", "utf8");
const described = JSON.parse(text) as Described;

test("The OpenAPI document has every operation, with every status and header of the contract", () => {
  const paths = Object.values(operations).map(({ path }) => `/${path}`);

  assert.match(described.openapi, /^3\.1\./);
  assert.deepEqual(Object.keys(described.paths), paths);
  for (const { post } of Object.values(described.paths)) {
    assert.deepEqual(
      Object.keys(post.responses).map(Number),
      [...answerClasses.keys()].toSorted((one, other) => one - other),
    );
  }
  const headers = described.paths["/batches"]?.post.parameters?.map(({ name }) => name);
  assert.deepEqual(headers, Object.values(batchHeaderNames));
});

test("The OpenAPI document refers to nothing that is not in it", () => {
  const references = [...text.matchAll(/"\$ref": "#\/components\/schemas\/(?<name>[^"]+)"/g)];

  const names = new Set(references.map(({ groups }) => groups?.name ?? ""));

  assert.ok(references.length > 20, `${references.length}`);
  assert.deepEqual(names, new Set(Object.keys(described.components.schemas)));
  assert.equal(references.length, [...text.matchAll(/"\$ref"/g)].length);
});

test("The OpenAPI document bounds every text, list and number of a message", () => {
  let bounded = 0;
  for (const [name, schema] of Object.entries(described.components.schemas)) {
    for (const each of schemasIn(schema)) {
      if (each.type === "string") {
        bounded++;
        assert.ok("pattern" in each || "maxLength" in each || "enum" in each, name);
      }
      if (each.type === "array") assert.ok("maxItems" in each, name);
    }
  }
  assert.ok(bounded > 20, `${bounded}`);
});

/** A schema and all within it. */
function schemasIn(value: unknown): Readonly<Record<string, unknown>>[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.values(value).flatMap(schemasIn);
  return "type" in value ? [value as Record<string, unknown>, ...inner] : inner;
}
