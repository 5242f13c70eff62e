import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import type { Env } from "../platform/env.ts";
import type { Paths } from "../platform/paths.ts";
import { readSavedToken } from "./saved-token.ts";
import { createConfig } from "./store.ts";

/** What a new user starts with: this machine only, behind a token. Without one the environment has the secret. */
function firstConfig(token: string | undefined) {
  const auth = token === undefined ? {} : { auth: { mode: "token", token } };
  return { gateway: { mode: "local", bind: "loopback", ...auth } };
}

/**
 * Writes the first config when there is none; an existing file, whatever is in it, is left alone.
 * A token that clients of this state folder already have stays valid: the one in the environment is not repeated in
 * the file, the one an earlier start saved is taken over.
 */
export async function ensureFirstConfig(
  paths: Paths,
  env: Env,
  version: string,
): Promise<{ created: boolean }> {
  if (existsSync(paths.configPath)) return { created: false };
  const { token, password } = env.gateway;
  const own =
    token === undefined && password === undefined ? (readSavedToken(paths) ?? mintToken()) : undefined;
  await createConfig({
    paths,
    env,
    version,
    author: { kind: "first-run" },
    command: "first start",
    value: firstConfig(own),
  });
  return { created: true };
}

function mintToken(): string {
  return randomBytes(32).toString("hex");
}
