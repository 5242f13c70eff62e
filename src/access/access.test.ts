import assert from "node:assert/strict";
import { test } from "node:test";
import type { Config } from "../config/schema.ts";
import { readEnv } from "../platform/env.ts";
import { Fault } from "../platform/fault.ts";
import { type AuthInput, requireAuthBeyondLoopback, resolveAuth } from "./credentials.ts";

const auth = (input: {
  config?: Config;
  env?: NodeJS.ProcessEnv;
  flags?: AuthInput["flags"];
  saved?: string;
  mayMint?: boolean;
}) =>
  resolveAuth({
    config: input.config ?? {},
    env: readEnv({ HOME: "/nowhere", ...input.env }),
    flags: input.flags ?? {},
    savedToken: input.saved,
    mintToken: () => "minted-token",
    mayMint: input.mayMint ?? true,
  });

const withAuth = (value: object): Config => ({ gateway: { auth: value } }) as Config;

test("the token comes from flag, environment, config, saved file, in this order", () => {
  const config = withAuth({ token: "from-config" });
  const env = { OPENCLAW_GATEWAY_TOKEN: "from-env" };
  assert.equal(
    auth({ config, env, flags: { token: "from-flag" }, saved: "from-file" }).token?.reveal(),
    "from-flag",
  );
  assert.equal(auth({ config, env, saved: "from-file" }).token?.reveal(), "from-env");
  assert.equal(auth({ config, saved: "from-file" }).token?.reveal(), "from-config");
  assert.equal(auth({ saved: "from-file" }).token?.reveal(), "from-file");
  const minted = auth({});
  assert.equal(minted.token?.reveal(), "minted-token");
  assert.equal(minted.source, "generated");
});

test("[AUTH-26] beyond loopback no token is invented, and without one the start is refused", () => {
  const open = auth({ mayMint: false });
  assert.equal(open.token, undefined);
  assert.throws(
    () => requireAuthBeyondLoopback(open, "lan", false),
    (error) =>
      error instanceof Fault &&
      /refusing to bind gateway .* without auth/.test(error.message) &&
      error.exitCode === 78,
  );
  requireAuthBeyondLoopback(auth({ saved: "saved", mayMint: false }), "lan", false);
});

const CONTRADICTIONS = [
  { name: "token and password without a mode", value: { token: "a", password: "b" } },
  { name: "password mode without a password", value: { mode: "password" } },
  { name: "trusted-proxy without the header of the user", value: { mode: "trusted-proxy" } },
  {
    name: "trusted-proxy without a list of proxies",
    value: { mode: "trusted-proxy", trustedProxy: { userHeader: "x-user" } },
  },
  { name: "a secret reference nothing resolves", value: { token: { source: "env", id: "X" } } },
];
for (const { name, value } of CONTRADICTIONS) {
  test(`auth settings that contradict themselves stop the start: ${name}`, () => {
    assert.throws(
      () => auth({ config: withAuth(value) }),
      (error) => error instanceof Fault && error.exitCode === 78,
    );
  });
}
