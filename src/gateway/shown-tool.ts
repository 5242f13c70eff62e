import type { AnyTool } from "../agent/tool.ts";

export interface ShownTool {
  id: string;
  label: string;
  description: string;
  source: "core";
  risk: "low" | "high";
}

/** As clients list a tool. */
export function shownTool({ name, description, effect }: AnyTool): ShownTool {
  return { id: name, label: name, description, source: "core", risk: effect === "external" ? "high" : "low" };
}
