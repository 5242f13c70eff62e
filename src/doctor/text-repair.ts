import type { Observation } from "./finding.ts";
import type { GoodText } from "./good-text.ts";

/** Repairs that put a text in the place of the config file; what was there is kept beside it. */

export function textRepair(does: string, text: string): Pick<Observation, "fix" | "repair"> {
  return {
    fix: "openclaw doctor --fix",
    repair: { does, level: "safe", changes: [{ kind: "config-text", text }] },
  };
}

export function restoreRepair({ name, text }: GoodText): Pick<Observation, "fix" | "repair"> {
  return textRepair(`put ${name} back`, text);
}

/** As `setup` makes it; the start adds a token of its own. */
export function firstConfigRepair(): Pick<Observation, "fix" | "repair"> {
  const text = '{\n  "gateway": {\n    "mode": "local"\n  }\n}\n';
  return textRepair("write a config for a gateway on this machine", text);
}
