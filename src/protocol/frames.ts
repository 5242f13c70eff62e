import type { WireError } from "./errors.ts";
import { isModestJson } from "./json-shape.ts";

/** Wire frames of protocol v4 (protocol.md §1.2). One JSON object per WebSocket message. */
export interface RequestFrame {
  type: "req";
  /** Opaque, chosen by the caller, not deduplicated. */
  id: string;
  method: string;
  params?: unknown;
}

export type ResponseFrame =
  | { type: "res"; id: string; ok: true; payload?: unknown }
  | { type: "res"; id: string; ok: false; error: WireError };

export interface StateVersion {
  presence?: number;
  health?: number;
}

export interface EventFrame {
  type: "event";
  event: string;
  payload?: unknown;
  /** Per connection, from 1, only on broadcast events that were delivered to it. */
  seq?: number;
  stateVersion?: StateVersion;
}

export type Frame = RequestFrame | ResponseFrame | EventFrame;

export type ParsedRequest =
  | { kind: "request"; frame: RequestFrame }
  | { kind: "not-json" }
  /** `id` is the frame's own id where it has a usable one, so that the answer finds its caller. */
  | { kind: "invalid"; id: string; problem: string };

/** Unknown keys are ignored: newer clients keep adding some. */
export function parseRequest(text: string): ParsedRequest {
  if (!isModestJson(text)) return { kind: "invalid", id: "invalid", problem: "nested too deep or too large" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "not-json" };
  }
  const invalid = (problem: string): ParsedRequest => {
    const id = isRecord(value) && typeof value.id === "string" && value.id ? value.id : "invalid";
    return { kind: "invalid", id, problem };
  };
  if (!isRecord(value)) return invalid("at root: must be object");
  if (value.type !== "req") return invalid("at /type: must be equal to constant");
  if (typeof value.id !== "string" || value.id === "") return invalid("at /id: must be a non-empty string");
  if (typeof value.method !== "string" || value.method === "") {
    return invalid("at /method: must be a non-empty string");
  }
  return { kind: "request", frame: value as unknown as RequestFrame };
}

/** Accepts what a server sends; anything else is undefined (a client ignores it). */
export function parseServerFrame(text: string): ResponseFrame | EventFrame | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  if (value.type === "event" && typeof value.event === "string") return value as unknown as EventFrame;
  if (value.type === "res" && typeof value.id === "string") return value as unknown as ResponseFrame;
  return undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
