import type { IssuedToken } from "../access/devices/tokens.ts";
import type { Principal } from "../access/principal.ts";
import { defaultAgentId } from "../config/agents.ts";
import type { HelloOk } from "../protocol/hello.ts";
import { LIMITS, PROTOCOL_VERSION } from "../protocol/limits.ts";
import { hasScope } from "../protocol/scopes.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import { reducedHealth } from "./health.ts";
import { METHODS } from "./methods.gen.ts";
import type { GatewayServices } from "./services.ts";

/** Only events that this version really sends. */
const EVENTS = [
  "connect.challenge",
  "agent",
  "chat",
  "session.message",
  "sessions.changed",
  "presence",
  "tick",
  "shutdown",
  "health",
  "config.changed",
  "doctor.changed",
  "device.pair.requested",
  "device.pair.resolved",
  "device.pair.changed",
  "device.pair.setup.completed",
];

const METHOD_NAMES = METHODS.filter((method) => !method.hidden).map((method) => method.name);

/** protocol.md §6.1; paths only for administrators, presence and full health only for readers. */
export function buildHello(
  connId: string,
  { principal, issued }: { principal: Principal; issued: readonly IssuedToken[] },
  services: GatewayServices,
): HelloOk {
  const { health, presence, lifecycle, loaded, paths } = services;
  const agentId = defaultAgentId(loaded.config);
  const mayRead = hasScope(principal.scopes, "operator.read");
  return {
    type: "hello-ok",
    protocol: PROTOCOL_VERSION,
    server: {
      version: PRODUCT_VERSION,
      bootId: services.boot.id,
      connId,
      controlUiBuildSource: "configured",
    },
    features: { methods: METHOD_NAMES, events: EVENTS, capabilities: [] },
    snapshot: {
      presence: mayRead ? presence.entries() : [],
      health: mayRead ? health.snapshot() : reducedHealth(health.snapshot()),
      stateVersion: { presence: presence.version(), health: health.version() },
      uptimeMs: lifecycle.uptimeMs(),
      suspension: { phase: "accepting" },
      sessionDefaults: {
        defaultAgentId: agentId,
        // demo/echo always answers, so a client never has to force its model setup.
        modelConfigured: true,
        ownership: "sole",
        selectionRequired: false,
        mainKey: "main",
        mainSessionKey: `agent:${agentId}:main`,
        scope: "per-sender",
      },
      ...(hasScope(principal.scopes, "operator.admin") && {
        configPath: paths.configPath,
        stateDir: paths.stateDir,
        authMode: services.auth.mode,
      }),
    },
    controlUiWidgetKinds: [],
    auth: {
      method: principal.method,
      role: principal.role,
      scopes: [...principal.scopes],
      ...tokensOf(issued),
    },
    policy: {
      maxPayload: LIMITS.maxPayloadBytes,
      maxBufferedBytes: LIMITS.maxBufferedBytes,
      tickIntervalMs: LIMITS.tickIntervalMs,
      attachments: { maxBytes: LIMITS.attachmentBytes, maxImageBytes: LIMITS.imageBytes },
      allowedSessionVisibilities: ["shared"],
      hasMultipleSessionSharingIdentities: false,
    },
  };
}

/** Only what is new: a client keeps the token it has (protocol.md §14). The first is that of its own role. */
function tokensOf([own, ...others]: readonly IssuedToken[]): Partial<HelloOk["auth"]> {
  if (!own) return {};
  const deviceTokens = others.map(({ token, role, scopes, issuedAtMs }) => ({
    deviceToken: token,
    role,
    scopes,
    issuedAtMs,
  }));
  return {
    deviceToken: own.token,
    issuedAtMs: own.issuedAtMs,
    ...(deviceTokens.length > 0 && { deviceTokens }),
  };
}
