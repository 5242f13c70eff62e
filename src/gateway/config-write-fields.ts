import * as v from "valibot";

/** A config text is never longer; the file may not be either. */
export const RawText = v.pipe(v.string(), v.nonEmpty(), v.maxLength(4_000_000));
export const BaseHash = v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(128)));

/** What clients send along for a restart of the process. Nothing here needs one, so it is checked and not used. */
export const RestartContext = {
  sessionKey: v.optional(v.string()),
  note: v.optional(v.pipe(v.string(), v.maxLength(4_096))),
  restartDelayMs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
};
