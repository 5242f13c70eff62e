import { Fault } from "../../platform/fault.ts";
import { defineCommand } from "../command.ts";
import { wishesOf, wishOptions } from "../setup/options.ts";
import { isAttended, printDone, runSetup } from "../setup/run-setup.ts";
import { SECTIONS } from "../setup/sections.ts";

export default defineCommand({
  summary: "Change model, gateway, workspace, chat apps or service, by questions or options",
  description: ["Without options it asks, and needs a terminal. Single keys: openclaw config set."],
  options: {
    section: { type: "choice", values: SECTIONS, summary: "ask about this one only" },
    ...wishOptions,
  },
  examples: ["openclaw configure --section model", "openclaw configure --bind lan --auth token"],
  async run({ section, ...args }, context) {
    const wishes = wishesOf(args, context.name);
    const isTold = Object.keys(wishes).length > 0 || args.service;
    const input = { wishes, service: args.service, title: "openclaw configure" };
    if (isTold) return runSetup(input, context);
    if (!isAttended(context)) {
      throw new Fault("configure needs an interactive terminal, or options that say what to change", {
        why: "Nobody can be asked here. Nothing was written.",
        fix: "openclaw configure --help",
      });
    }
    return runSetup({ ...input, sections: section === undefined ? SECTIONS : [section] }, context);
  },
  render: printDone,
});
