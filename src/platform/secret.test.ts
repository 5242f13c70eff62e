import assert from "node:assert/strict";
import { test } from "node:test";
import { format, inspect } from "node:util";
import { Secret } from "./secret.ts";

const VALUE = "SEC-secret-4711";

const PRINTED = {
  template: (secret: Secret) => `${secret}`,
  concatenation: (secret: Secret) => String(secret),
  json: (secret: Secret) => JSON.stringify({ secret }),
  inspect: (secret: Secret) => inspect({ secret }, { depth: 9, showHidden: true }),
  format: (secret: Secret) => format("%s %o %j", secret, secret, secret),
  keys: (secret: Secret) =>
    JSON.stringify([Object.keys(secret), Object.getOwnPropertyNames(secret), { ...secret }]),
  clone: (secret: Secret) => inspect(structuredClone(secret)),
};
for (const [name, print] of Object.entries(PRINTED)) {
  test(`[CONF-09] a secret does not show by ${name}`, () => {
    assert.doesNotMatch(print(new Secret(VALUE)), /SEC-secret/);
  });
}

test("a secret gives its value only when asked for it", () => {
  assert.equal(new Secret(VALUE).reveal(), VALUE);
});

test("a secret equals the same text and nothing else", () => {
  const secret = new Secret(VALUE);
  assert.equal(secret.equals(VALUE), true);
  for (const other of ["", VALUE.slice(0, -1), `${VALUE}x`, VALUE.toLowerCase(), "***"]) {
    assert.equal(secret.equals(other), false);
  }
});
