import { GatewayError, toGatewayError } from "../protocol/errors.ts";
import type { RequestFrame } from "../protocol/frames.ts";
import { CLOSE, LIMITS } from "../protocol/limits.ts";
import { hasScope } from "../protocol/scopes.ts";
import { advice } from "./close-advice.ts";
import type { Connection } from "./connection.ts";
import { loadMethod } from "./load-method.ts";
import type { MethodContext, MethodEntry } from "./method.ts";
import { METHODS } from "./methods.gen.ts";
import type { GatewayServices } from "./services.ts";
import { parseParams } from "./validation.ts";

const BY_NAME = new Map<string, MethodEntry>(METHODS.map((method) => [method.name, method]));

/** Finds, authorizes, parses, runs and answers one request. The only place where a handler's error is caught. */
export async function dispatch(
  frame: RequestFrame,
  connection: Connection,
  services: GatewayServices,
): Promise<void> {
  const { id } = frame;
  const { counters } = services.stability;
  connection.pending.add(frame);
  try {
    if (connection.pending.size > LIMITS.queuedRequestsPerConnection) throw busy();
    const entry = authorize(frame.method, connection);
    const loading = loadMethod(entry, connection);
    const method = loading instanceof Promise ? await loading : loading;
    // It may have lost its right meanwhile; whoever took it has answered.
    if (connection.isClosing()) return;
    if (method.controlPlaneWrite) requireWrite(method.name, connection, services);
    const params = parseParams(method.params, frame.params, method.name);
    const context: MethodContext = {
      principal: connection.principal,
      connection,
      services,
      accepted: (payload) =>
        connection.send(
          `{"type":"res","id":${JSON.stringify(id)},"ok":true,"payload":${JSON.stringify(payload)}}`,
        ),
    };
    const beganAt = services.clock.monotonic();
    const result = method.run(params, context);
    services.stability.blocked(`rpc ${method.name}`, beganAt);
    const payload = result instanceof Promise ? await result : result;
    connection.send(
      `{"type":"res","id":${JSON.stringify(id)},"ok":true,"payload":${JSON.stringify(payload ?? null)}}`,
    );
    counters.add("rpc_requests", [method.name, "ok"]);
  } catch (thrown) {
    refuse(id, frame.method, thrown, connection, services);
  } finally {
    connection.pending.delete(frame);
  }
}

/** Lookup before scope: clients recognise a missing feature by the exact words `unknown method: <name>`. */
function authorize(name: string, connection: Connection): MethodEntry {
  if (name === "connect")
    throw new GatewayError("INVALID_REQUEST", "connect is only valid as the first request");
  const method = BY_NAME.get(name);
  if (!method) throw new GatewayError("INVALID_REQUEST", `unknown method: ${name.slice(0, 128)}`);
  if (method.scope === "public") return method;
  const { role, scopes } = connection.principal;
  if (role !== "operator") {
    connection.roleRefusals++;
    throw new GatewayError("INVALID_REQUEST", `unauthorized role: ${role}`);
  }
  if (!hasScope(scopes, method.scope)) {
    throw new GatewayError("FORBIDDEN", `missing scope: ${method.scope}`, {
      detail: "MISSING_SCOPE",
      details: { missingScope: method.scope, requiredScopes: [method.scope] },
    });
  }
  return method;
}

/** After the scope: who may not write does not use up the writes of those who may (DOS-24). */
function requireWrite(method: string, { principal }: Connection, { writes }: GatewayServices): void {
  const retryAfterMs = writes.take(`${method} ${principal.deviceId ?? ""} ${principal.ip}`);
  if (retryAfterMs === 0) return;
  const { maxWrites, windowMs } = writes.rules;
  throw new GatewayError(
    "UNAVAILABLE",
    `rate limit exceeded for ${method}; retry after ${Math.ceil(retryAfterMs / 1_000)}s`,
    {
      details: { method, limit: `${maxWrites} per ${windowMs / 1_000}s` },
      retryable: true,
      retryAfterMs,
    },
  );
}

function refuse(
  id: string,
  method: string,
  thrown: unknown,
  connection: Connection,
  { sink, refusals, stability }: GatewayServices,
): void {
  const error = toGatewayError(thrown);
  const known = BY_NAME.has(method) ? method : "unknown";
  stability.counters.add("rpc_requests", [known, error.code]);
  if (error.message === "internal error") {
    sink.log.error("method failed", { method, connId: connection.id, error: error.extras.cause });
  } else {
    const { detail, hint } = error.extras;
    const said = { conn: connection.id, method, code: error.code, reason: error.message };
    // What a person has to do something about; a caller's own mistakes are for whoever looks for them.
    if (error.code === "INVALID_REQUEST") sink.log.debug("request refused", said);
    else
      refusals.note(`rpc ${connection.id} ${known} ${detail ?? error.code}`, "request refused", {
        ...said,
        ...(detail && { detail }),
        fix: hint ?? advice(0, detail ?? "", error.message),
      });
  }
  connection.send(JSON.stringify({ type: "res", id, ok: false, error: error.toWire() }));
  if (!error.message.startsWith("unauthorized role")) connection.roleRefusals = 0;
  else if (connection.roleRefusals > LIMITS.unauthorizedRoleAnswers) {
    connection.close(CLOSE.policy, "repeated unauthorized calls");
  }
}

function busy(): GatewayError {
  return new GatewayError("UNAVAILABLE", "The server is busy. Please try again in a moment.", {
    retryable: true,
    retryAfterMs: 1000,
  });
}
