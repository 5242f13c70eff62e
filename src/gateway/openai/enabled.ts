import { HttpRefusal } from "../route.ts";
import type { GatewayServices } from "../services.ts";

/**
 * behaviour.md R9: on where a secret protects it and only this machine reaches it; elsewhere the owner says so.
 */
export function requireOpenAi({ loaded, auth, perimeter }: GatewayServices): void {
  const wish = loaded.config.gateway?.http?.endpoints?.chatCompletions?.enabled;
  if (wish ?? (auth.mode !== "none" && perimeter.loopbackOnly)) return;
  throw new HttpRefusal(
    404,
    "not_found",
    "The OpenAI-compatible endpoints are off. To switch them on: openclaw config set gateway.http.endpoints.chatCompletions.enabled true",
  );
}
