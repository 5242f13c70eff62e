import { randomBytes } from "node:crypto";
import { repairConfig } from "../config/store.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import type { CommandContext } from "./context.ts";

/** Makes a token and writes it into the config. A running gateway follows; every client needs the new one. */
export async function writeNewToken({ paths, env, io }: CommandContext): Promise<void> {
  const token = randomBytes(32).toString("hex");
  await repairConfig({
    paths,
    env,
    version: PRODUCT_VERSION,
    author: { kind: "doctor" },
    command: "doctor --generate-gateway-token",
    edits: [
      { path: ["gateway", "auth", "token"], value: token },
      { path: ["gateway", "auth", "mode"], value: "token" },
    ],
  });
  io.note(`Gateway token configured in ${paths.configPath}. Show it: openclaw gateway auth-token --show`);
  if (env.gateway.token !== undefined)
    io.note("notice: OPENCLAW_GATEWAY_TOKEN is set in this environment, and wins where it is set");
}
