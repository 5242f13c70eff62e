import type { Config } from "../config/schema.ts";
import type { Env } from "../platform/env.ts";

/** What the CLI shows a gateway, and where it has it from, in words for a person. */
export interface Credentials {
  token?: string;
  password?: string;
  /** For example "gateway.auth.token in the config"; undefined when there are none. */
  source?: string;
}

export interface CredentialFlags {
  token?: string;
  password?: string;
}

/** Named by the person who types: on the command line, else in the environment. */
export function explicitCredentials(flags: CredentialFlags, env: Env): Credentials {
  if (flags.token) return { token: flags.token, source: "--token" };
  if (flags.password) return { password: flags.password, source: "--password" };
  const { token, password } = env.gateway;
  if (token) return { token, source: "OPENCLAW_GATEWAY_TOKEN" };
  if (password) return { password, source: "OPENCLAW_GATEWAY_PASSWORD" };
  return {};
}

/** For the gateway of this state folder (behaviour.md R7): flags → environment → config → saved token. */
export function localCredentials(input: {
  flags: CredentialFlags;
  env: Env;
  config: Config;
  savedToken: string | undefined;
  tokenFile: string;
}): Credentials {
  const explicit = explicitCredentials(input.flags, input.env);
  if (explicit.source) return explicit;
  const { mode, token, password } = input.config.gateway?.auth ?? {};
  const fromConfig: Credentials[] = [];
  if (typeof token === "string") fromConfig.push({ token, source: "gateway.auth.token in the config" });
  if (typeof password === "string")
    fromConfig.push({ password, source: "gateway.auth.password in the config" });
  if (mode === "password") fromConfig.reverse();
  if (fromConfig[0]) return fromConfig[0];
  return input.savedToken ? { token: input.savedToken, source: `the saved token in ${input.tokenFile}` } : {};
}

/** For the gateway that `gateway.remote.url` names. */
export function remoteCredentials(flags: CredentialFlags, env: Env, config: Config): Credentials {
  const explicit = explicitCredentials(flags, env);
  if (explicit.source) return explicit;
  const { token, password } = config.gateway?.remote ?? {};
  if (typeof token === "string") return { token, source: "gateway.remote.token in the config" };
  if (typeof password === "string") return { password, source: "gateway.remote.password in the config" };
  return {};
}
