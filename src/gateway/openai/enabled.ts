import { HttpRefusal } from "../route.ts";
import type { GatewayServices } from "../services.ts";

type Endpoint = "chatCompletions" | "responses";

/**
 * behaviour.md R9: on where a secret protects it and only this machine reaches it; elsewhere the owner says so.
 * `any` is for what serves both.
 */
export function requireOpenAi(services: GatewayServices, endpoint: Endpoint | "any"): void {
  const { loaded, auth, perimeter } = services;
  const wishes = loaded.config.gateway?.http?.endpoints;
  const byItself = auth.mode !== "none" && perimeter.loopbackOnly;
  const names: Endpoint[] = endpoint === "any" ? ["chatCompletions", "responses"] : [endpoint];
  // Who switches off the one that everybody knows does not expect its sibling to answer.
  const unsaid = byItself && wishes?.chatCompletions?.enabled !== false;
  if (names.some((name) => wishes?.[name]?.enabled ?? unsaid)) return;
  throw new HttpRefusal(
    404,
    "not_found",
    `The OpenAI-compatible endpoints are off. To switch them on: openclaw config set gateway.http.endpoints.${names[0]}.enabled true`,
  );
}
