import { describeChoice } from "../agent/models.ts";
import type { Env } from "../platform/env.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import type { RunningGateway } from "./start.ts";

export interface Greeting {
  io: { out(line: string): void; isTTY: boolean };
  /** This very start made the config; the owner has not seen the token yet. */
  firstRun: boolean;
  env: Env;
}

/** What a new user sees: where it is, which model answers, what to do next. */
export async function writeBanner(gateway: RunningGateway, { io, firstRun, env }: Greeting): Promise<void> {
  const { services, url } = gateway;
  const { auth, sink, model } = services;
  // A terminal is read by its owner; anything else may be a log file, which gets the token on the first run only.
  const secret = io.isTTY || firstRun ? auth.token?.reveal() : undefined;
  // Started by npm, from a checkout or with npx: then `openclaw` alone is on nobody's PATH.
  const command = env.get("npm_execpath") ? "npx openclaw" : "openclaw";
  const dashboard = secret ? `${url}#token=${encodeURIComponent(secret)}` : url;
  const found = await model;
  const choice =
    found.kind === "chosen" ? describeChoice(found.choice) : [`none usable — ${found.error.message}`];
  const lines = [
    "",
    `OpenClaw ${PRODUCT_VERSION} is running.`,
    "",
    `  Dashboard  ${dashboard}`,
    ...(secret || auth.mode !== "token" ? [] : [`             with your token in it: ${command} dashboard`]),
    ...choice.map(
      (line, index) => `  ${index === 0 ? "Model     " : "          "} ${line.replace(/^model: /, "")}`,
    ),
    `  Try        ${command} agent --message "list files"`,
    `             ${command} status`,
    `  Logs       ${sink.file()}`,
    "  Stop       Ctrl-C",
    "",
  ];
  for (const line of lines) io.out(line);
}
