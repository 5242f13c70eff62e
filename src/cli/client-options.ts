import type { Options } from "./command.ts";

const section = "Connection";

/** Options of every command that calls a gateway. Without them it is the gateway of this state folder. */
export const clientOptions = {
  url: {
    type: "string",
    placeholder: "url",
    section,
    summary: "another gateway; needs --token or --password",
  },
  token: { type: "string", placeholder: "token", section, summary: "gateway token" },
  password: { type: "string", placeholder: "password", section, summary: "gateway password" },
  port: { type: "number", min: 1, max: 65_535, section, summary: "port of a gateway on this machine" },
  timeout: {
    type: "duration",
    bareUnit: "ms",
    default: 10_000,
    section,
    summary: "how long to wait for an answer (10s)",
  },
} as const satisfies Options;
