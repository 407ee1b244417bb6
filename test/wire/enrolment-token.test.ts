import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseEnrolmentToken, renderEnrolmentToken } from "#wire/enrolment-token.ts";

const url = "https://console.example:8443/v1/";
const caPin = "0123456789abcdef".repeat(4);

test("parseEnrolmentToken() reads what renderEnrolmentToken() wrote", () => {
  for (const token of [
    { url, caPin, secret: "s3cret_~+/=-" },
    { url, caPin: undefined, secret: "x" },
  ]) {
    assert.deepEqual(parseEnrolmentToken(renderEnrolmentToken(token)), token);
  }
});

test("parseEnrolmentToken() takes any other word for a secret alone", () => {
  assert.deepEqual(parseEnrolmentToken("abc123"), {
    url: undefined,
    caPin: undefined,
    secret: "abc123",
  });
});

test("parseEnrolmentToken() refuses what is damaged, and any address but HTTPS", () => {
  const whole = renderEnrolmentToken({ url, caPin, secret: "s" });
  const damaged = [
    "",
    "two words",
    "lgc1.",
    whole.slice(0, -1),
    `${whole}.more`,
    whole.replace(caPin, caPin.slice(1)),
    renderEnrolmentToken({ url: "http://console.example/v1/", caPin, secret: "s" }),
    renderEnrolmentToken({ url: "https://user:pw@console.example/", caPin, secret: "s" }),
    renderEnrolmentToken({ url: "no address", caPin, secret: "s" }),
  ];
  for (const text of damaged) assert.equal(parseEnrolmentToken(text), undefined, text);
});

test("parseEnrolmentToken() never throws", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `lgc1.${text}`),
      ),
      (text) => {
        parseEnrolmentToken(text);
      },
    ),
  );
});
