import type { GenericSchema, InferOutput } from "valibot";
import type { Principal } from "../access/principal.ts";
import type { Scope } from "../protocol/scopes.ts";
import type { Connection } from "./connection.ts";
import type { GatewayServices } from "./services.ts";

export interface MethodContext {
  principal: Principal;
  connection: Connection;
  services: GatewayServices;
  /** Two-phase methods: sends the first response with the request's id; the returned value becomes the second. */
  accepted(payload: Record<string, unknown>): void;
}

/**
 * One RPC. A method without a scope does not compile: "public" has to be said.
 * `run` may throw GatewayError for refusals; anything else becomes "internal error" outside.
 */
export interface Method<Params extends GenericSchema = GenericSchema, Result = unknown> {
  name: string;
  scope: Scope | "public";
  /** Counts against the control-plane write limit (protocol.md §1.4). */
  controlPlaneWrite?: true;
  /** Callable, but not listed in `hello.features.methods` (protocol.md §6.3). */
  hidden?: true;
  params: Params;
  run(params: InferOutput<Params>, context: MethodContext): Result | Promise<Result>;
}

export type AnyMethod = Method<GenericSchema, unknown>;

/** What the list of methods says about one; the rest is loaded with the first call. */
export interface MethodEntry extends Pick<AnyMethod, "name" | "scope" | "controlPlaneWrite" | "hidden"> {
  load(): Promise<{ default: unknown }>;
}

export function defineMethod<Params extends GenericSchema, Result>(
  method: Method<Params, Result>,
): Method<Params, Result> {
  return method;
}

/** What a caller gets: the commands import a method's type and never repeat its result by hand. */
export type ResultOf<M> = M extends { run(params: never, context: never): infer R } ? Awaited<R> : never;
