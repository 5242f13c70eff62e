import type { GenericSchema, InferOutput } from "valibot";

/** What the model is told about a tool. `parameters` is a JSON Schema object. */
export interface ToolDescription {
  name: string;
  description: string;
  parameters: Record<string, unknown>;
}

export interface ToolContext {
  agentId: string;
  sessionKey: string;
  runId: string;
  toolCallId: string;
  /** Absolute path of the agent's workspace; file tools never leave it. */
  workspace: string;
  /** The only variables a child process gets: no keys, no gateway token, no loader settings. */
  childEnv: Readonly<Record<string, string>>;
  signal: AbortSignal;
  /** Partial output while the tool runs (exec); shown as `command_output` to watching clients. */
  progress(text: string): void;
}

export interface ToolResult {
  /** What the model reads. */
  text: string;
  /** What clients may render (exit code, path, …); must be JSON. */
  details?: Record<string, unknown>;
}

/**
 * A capability of the agent. `run` may throw: the message becomes a failed result the model can read.
 * `effect` says what a crash in the middle may have left behind: "none" can be repeated after a restart.
 */
export interface Tool<Schema extends GenericSchema = GenericSchema> {
  name: string;
  description: string;
  /** Short title for people, e.g. "read notes.md". */
  title(input: InferOutput<Schema>): string;
  kind: "file" | "command" | "other";
  effect: "none" | "external";
  input: Schema;
  /** JSON Schema of `input`, hand-written: it is part of the prompt and has to be terse. */
  parameters: Record<string, unknown>;
  run(input: InferOutput<Schema>, context: ToolContext): Promise<ToolResult>;
}

export type AnyTool = Tool<GenericSchema>;

/** The input type is known to the entry and erased for the registry, where it is parsed before use. */
export function defineTool<Schema extends GenericSchema>(tool: Tool<Schema>): AnyTool {
  return tool as unknown as AnyTool;
}
