import { waitOption } from "./wait-option.ts";

/** Of `restart` and `gateway restart`. */
export const restartOptions = {
  ...waitOption,
  safe: { type: "boolean", summary: "wait for running and waiting turns first, as long as --wait says" },
  force: { type: "boolean", summary: "end one that does not answer, and start it anew" },
} as const;
