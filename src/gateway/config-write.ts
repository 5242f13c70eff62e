import { existsSync } from "node:fs";
import { InvalidConfig } from "../config/invalid.ts";
import { parseConfigText } from "../config/parse.ts";
import { getAt, parsePath } from "../config/path.ts";
import { redactConfig } from "../config/redact.ts";
import { planReload } from "../config/reload-plan.ts";
import { patchConfig, replaceConfig } from "../config/store.ts";
import type { Updated, WriteInput } from "../config/write.ts";
import { ConfigWriteError } from "../config/write-error.ts";
import { Fault } from "../platform/fault.ts";
import { GatewayError } from "../protocol/errors.ts";
import { isRecord } from "../protocol/frames.ts";
import { PRODUCT_VERSION } from "../protocol/version.ts";
import { secretsInForce } from "./config-view.ts";
import type { MethodContext } from "./method.ts";

interface Request {
  /** The wire name; it becomes the command in the history. */
  method: "config.set" | "config.patch" | "config.apply" | "config.undo";
  baseHash: string | undefined;
  /** Only says what would come of it. */
  dryRun?: boolean;
}

/** Puts a whole text in the place of the file; placeholders at secrets keep what is stored. */
export async function replaceForClient(request: Request & { raw: string }, context: MethodContext) {
  await parseRaw(request.raw, context);
  const hidden = secretsInForce(context.services);
  return await writeForClient(request, context, (input) =>
    replaceConfig({ ...input, text: request.raw, hidden }),
  );
}

/** Merges a patch into the file. Lists and plain values replace; objects are merged, so they cannot be in `replacePaths`. */
export async function patchForClient(
  request: Request & { raw: string; replacePaths: readonly string[] },
  context: MethodContext,
) {
  const patch = await parseRaw(request.raw, context);
  if (!isRecord(patch)) throw new GatewayError("INVALID_REQUEST", "config.patch raw must be an object");
  for (const path of request.replacePaths) requireReplacing(patch, path);
  return await writeForClient(request, context, (input) => patchConfig({ ...input, patch }));
}

/** An earlier version becomes the newest one; what is there now stays in the history. */
export async function undoForClient(number: number | undefined, context: MethodContext) {
  const { undoConfig } = await import("../config/undo.ts");
  let restored: number | undefined;
  let left: number | undefined;
  const written = await writeForClient({ method: "config.undo", baseHash: "" }, context, async (input) => {
    const { baseHash: _, ...rest } = input;
    const undone = await undoConfig({ ...rest, ...(number !== undefined && { number }) });
    restored = undone.restored.number;
    left = undone.left;
    return undone.updated;
  });
  return { ...written, restored, left };
}

/** In the words of protocol.md §9.2; the reload follows by itself, after the answer. */
async function writeForClient(
  { method, baseHash, dryRun = false }: Request,
  { services, principal }: MethodContext,
  write: (input: WriteInput) => Promise<Updated>,
) {
  const { paths, env, clock, reload } = services;
  const file = paths.configPath;
  if (baseHash === undefined && existsSync(file)) {
    throw new GatewayError(
      "INVALID_REQUEST",
      `config base hash required for ${file}; re-run config.get and retry with baseHash`,
    );
  }
  const before = services.loaded.config;
  const { loaded } = await write({
    paths,
    env,
    clock,
    version: PRODUCT_VERSION,
    author: { kind: "rpc", name: principal.clientId },
    command: method,
    baseHash: baseHash ?? "",
    dryRun,
  }).catch((error: unknown) => {
    throw refusal(error);
  });
  if (!dryRun) reload.wrote(loaded.hash);
  const { changed, hot, restart, ignored } = planReload(before, loaded.config);
  return {
    ok: true,
    path: file,
    hash: loaded.hash,
    config: redactConfig(loaded.config),
    changedPaths: changed.filter((path) => !path.startsWith("meta.")),
    reload: { mode: reload.status().mode, hot, restart, ignored },
    sentinel: {
      persisted: false,
      payload: { kind: method.replace(".", "-"), status: "ok", ts: clock.now() },
    },
  };
}

async function parseRaw(raw: string, { services: { paths } }: MethodContext): Promise<unknown> {
  try {
    return (await parseConfigText(raw, paths.configPath)).value;
  } catch (error) {
    throw refusal(error);
  }
}

function requireReplacing(patch: Record<string, unknown>, path: string): void {
  let value: unknown;
  try {
    value = getAt(patch, parsePath(path));
  } catch (error) {
    throw refusal(error);
  }
  if (!isRecord(value)) return;
  throw new GatewayError(
    "INVALID_REQUEST",
    `invalid config.patch params: at /replacePaths: ${path} is an object, which is merged; set its keys that should go to null`,
  );
}

function refusal(error: unknown): unknown {
  if (error instanceof InvalidConfig && error.issues[0]?.message.startsWith("SyntaxError: ")) {
    const [{ message, line, column }] = error.issues;
    const place = line === undefined ? "" : ` at ${line}:${column}`;
    return new GatewayError("INVALID_REQUEST", `SyntaxError: JSON5: ${message.slice(13)}${place}`);
  }
  if (error instanceof InvalidConfig) return invalid(error.issues);
  if (error instanceof ConfigWriteError) {
    switch (error.kind) {
      case "stale":
        return new GatewayError(
          "INVALID_REQUEST",
          "config changed since last load; re-run config.get and retry",
        );
      case "invalid":
        return invalid(error.issues);
      case "busy":
        return new GatewayError("UNAVAILABLE", error.message, { retryable: true, retryAfterMs: 1_000 });
      case "rejected":
        return refused(error);
    }
  }
  return error instanceof Fault ? refused(error) : error;
}

function invalid(issues: readonly { path: string; message: string }[]): GatewayError {
  const plain = issues.map(({ path, message }) => ({ path, message }));
  const [first] = plain;
  return new GatewayError("INVALID_REQUEST", `invalid config: ${first?.path}: ${first?.message}`, {
    details: { issues: plain },
  });
}

function refused({ message, fix }: Fault): GatewayError {
  return new GatewayError("INVALID_REQUEST", message, { ...(fix && { hint: fix }) });
}
