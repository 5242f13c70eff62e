import { findRunningGateway } from "../platform/running-gateway.ts";
import type { CommandContext } from "./context.ts";

/** No gateway runs on this state folder, so that its files may be used. One of another user or container may not show its lock here. */
export async function isGatewayDown(context: CommandContext): Promise<boolean> {
  const target = await context.target();
  if (!target.local || findRunningGateway(context.paths).kind !== "none") return false;
  const reached = await context.reach({ scopes: ["operator.pairing"] });
  if (reached.kind === "connected") reached.connection.close();
  return reached.kind === "trouble" && reached.trouble.kind === "refused";
}
