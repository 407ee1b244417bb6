import { toJsonSchema } from "@valibot/to-json-schema";
import { version } from "#product/version.ts";
import { batchBodyHeaders, batchHeaderNames } from "#wire/batch-headers.ts";
import { carriedHeaderNames } from "#wire/carried-batch.ts";
import { operations } from "#wire/operations.ts";
import * as shapes from "#wire/shapes.ts";
import { type AnswerClass, answerClasses } from "#wire/statuses.ts";

const headerNames = { ...batchHeaderNames, ...carriedHeaderNames };

type Operation = (typeof operations)[keyof typeof operations];
type Shape = (typeof shapes)[keyof typeof shapes];

const headerTexts: Readonly<Record<keyof typeof headerNames, string>> = {
  sequence: "Number of the batch in the agent's spool; the first is 1.",
  hash: "Hash of the batch: SHA-256 of its header, the hash of its note and the hash of its body.",
  previousHash: "Hash of the batch before it.",
  count: "Events that are sent.",
  seal: "Header of the batch as it lies in the spool, in base64.",
  noteHash: "SHA-256 of the note beside the body, which is not sent.",
  range:
    "FROM-TO/OF: which events of the batch are sent; absent for all. A carried batch has all in its body, for the hash to prove it.",
  idempotencyKey: "The same for the same bytes, however often they are sent.",
  after: "Number of the batch that goes before it; the console must have that one.",
  certificate: "The certificate of the agent that the batch is of, DER in base64.",
  signature:
    "Of the lines `linuxguard carried batch 1`, agent id, hash and after; ECDSA with SHA-256.",
};

const classTexts: Readonly<Record<AnswerClass, string>> = {
  acknowledged: "The console has it.",
  retry: "Not now: the agent sends the same again, later.",
  auth: "The agent is not let in. It keeps what it has and asks again at long intervals.",
  split: "Too large: the agent sends it in pieces.",
  reject:
    "The console will never take this. The agent finds the event by halving and sets it aside.",
};

/** Renders the OpenAPI 3.1 document of the contract from its shapes. */
export function renderOpenApi(): string {
  const named = Object.entries(shapes).map(([name, shape]) => [capitalise(name), shape] as const);
  const document = {
    openapi: "3.1.0",
    info: {
      title: "LinuxGuard console",
      version,
      description:
        "What agents and consoles say to each other. Agents ask, consoles answer; an answer holds no command.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "https://api.linuxguard.io/v1" }],
    paths: Object.fromEntries(
      Object.entries(operations).map(([name, operation]) => [
        `/${operation.path}`,
        { post: describe(name, operation) },
      ]),
    ),
    components: {
      schemas: Object.fromEntries(named.map(([name, shape]) => [name, schemaOf(shape)])),
      securitySchemes: {
        certificate: {
          type: "mutualTLS",
          description: "The certificate that enrolment or renewal gave.",
        },
      },
    },
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function describe(name: string, operation: Operation): object {
  const { purpose, request, answer, takesCertificate } = operation;
  return {
    operationId: name,
    summary: purpose,
    security: takesCertificate ? [{ certificate: [] }] : [{}],
    ...(request === undefined && { parameters: headersOf(operation).map(parameter) }),
    requestBody: {
      required: true,
      content:
        request === undefined
          ? { [batchBodyHeaders["content-type"]]: { schema: { type: "string" } } }
          : { "application/json": { schema: refer(request) } },
    },
    responses: Object.fromEntries(
      [...answerClasses].map(([status, each]) => [
        status,
        {
          description: classTexts[each],
          content: {
            "application/json": { schema: refer(status < 300 ? answer : shapes.errorAnswer) },
          },
        },
      ]),
    ),
  };
}

function headersOf(operation: Operation): readonly string[] {
  const names = Object.keys(batchHeaderNames);
  return operation === operations.carryBatch
    ? [...names, ...Object.keys(carriedHeaderNames)]
    : names;
}

function parameter(name: string): object {
  const key = name as keyof typeof headerNames;
  return {
    name: headerNames[key],
    in: "header",
    required: key !== "range",
    description: headerTexts[key],
    schema: { type: "string" },
  };
}

function refer(shape: Shape): object {
  const [name = ""] = Object.entries(shapes).find(([, each]) => each === shape) ?? [];
  return { $ref: `#/components/schemas/${capitalise(name)}` };
}

function schemaOf(shape: Shape): object {
  if (shape.type === "union") return { anyOf: shape.options.map(refer) };
  const { $schema: _, ...schema } = toJsonSchema(shape, { target: "draft-2020-12" });
  return schema;
}

function capitalise(name: string): string {
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}
