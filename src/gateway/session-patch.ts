import * as v from "valibot";
import { parseModelRef } from "../agent/models.ts";
import { THINKING_LEVELS } from "../agent/thinking.ts";
import { Fault } from "../platform/fault.ts";
import { GatewayError } from "../protocol/errors.ts";
import { changeSession, type SessionChange } from "../sessions/change.ts";
import type { Session } from "../sessions/store.ts";
import type { GatewayServices } from "./services.ts";

const word = (...allowed: [string, ...string[]]) => v.nullish(v.picklist(allowed));
const line = (max: number) => v.nullish(v.pipe(v.string(), v.trim(), v.maxLength(max)));

/** What may be set on a session; null or "" takes it away. */
export const SessionPatchFields = {
  label: line(512),
  icon: line(64),
  color: line(64),
  category: line(512),
  pinned: v.optional(v.boolean()),
  archived: v.optional(v.boolean()),
  unread: v.optional(v.boolean()),
  model: line(512),
  thinkingLevel: v.nullish(v.picklist(THINKING_LEVELS)),
  verboseLevel: word("off", "on", "full"),
  reasoningLevel: word("off", "on", "stream"),
  responseUsage: word("off", "on", "tokens", "full"),
};

/** Settings of other gateways that this one does not act on: taking them would promise what does not happen. */
const NOT_ACTED_ON = [
  ...["fastMode", "elevatedLevel", "execHost", "execSecurity", "execAsk", "execNode", "permissionMode"],
  ...[
    "toolOverrides",
    "sendPolicy",
    "groupActivation",
    "contextWindow",
    "inheritedToolAllow",
    "inheritedToolDeny",
  ],
] as const;

export const NotActedOn = Object.fromEntries(NOT_ACTED_ON.map((name) => [name, v.optional(v.unknown())]));

export type SessionPatch = v.InferOutput<v.ObjectSchema<typeof SessionPatchFields, undefined>>;

/** Looks at every value before it changes anything. */
export async function patchSession(
  session: Session,
  patch: SessionPatch & Record<string, unknown>,
  services: GatewayServices,
): Promise<Session> {
  const unmet = NOT_ACTED_ON.find((name) => patch[name] !== undefined && patch[name] !== null);
  if (unmet) {
    throw new GatewayError("INVALID_REQUEST", `this gateway does not act on ${unmet}, so it was not set`, {
      detail: "SESSION_SETTING_UNSUPPORTED",
      details: { field: unmet },
    });
  }
  const change: SessionChange = {};
  for (const name of Object.keys(SessionPatchFields) as (keyof SessionPatch)[]) {
    const value = patch[name];
    if (value !== undefined) Object.assign(change, { [name]: value === "" ? null : value });
  }
  const { store } = services.turns;
  if (change.label) {
    const other = store.named({ label: change.label }).find(({ key }) => key !== session.key);
    if (other) {
      throw new GatewayError("INVALID_REQUEST", `label already in use: ${change.label}`, {
        details: { key: other.key },
      });
    }
  }
  if (change.model) await requireModel(session.agentId, change.model, services);
  return changeSession(store, store.find(session.key) ?? session, change, services.clock.now());
}

/** Of the session's next turn: its own model, else its agent's. */
export async function resolvedModel(
  { agentId, settings }: Session,
  { turns }: GatewayServices,
): Promise<{ modelProvider?: string; model?: string }> {
  const own = settings.model && parseModelRef(settings.model);
  if (own) return { modelProvider: own.provider, model: own.model };
  const agent = turns.agents().find(({ id }) => id === agentId);
  try {
    const [target] = agent ? (await turns.chooseModel(agent, undefined)).targets : [];
    return target ? { modelProvider: target.provider, model: target.model } : {};
  } catch {
    // No model is set up; the next turn says so.
    return {};
  }
}

async function requireModel(agentId: string, ref: string, { turns }: GatewayServices): Promise<void> {
  const agent = turns.agents().find(({ id }) => id === agentId);
  if (!agent) return;
  try {
    await turns.chooseModel(agent, ref);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new GatewayError("INVALID_REQUEST", error.message, {
      detail: "MODEL_UNUSABLE",
      hint: error.fix ?? "see the models: openclaw models list",
    });
  }
}
