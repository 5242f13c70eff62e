import { aliasTable } from "../../../../agent/catalog.ts";
import { updateConfig } from "../../../../config/store.ts";
import { Fault } from "../../../../platform/fault.ts";
import { type ConfigChange, changeConfig, printChange } from "../../../change-config.ts";
import { defineCommand } from "../../../command.ts";

export default defineCommand({
  summary: "Take a short name away",
  positionals: { alias: { summary: "the short name" } },
  options: {},
  async run({ alias }, context): Promise<ConfigChange> {
    const ref = aliasTable((await context.config()).config).get(alias.toLowerCase());
    if (ref === undefined) {
      throw new Fault(`no model is called ${alias}`, { fix: "openclaw models aliases list" });
    }
    const path = ["agents", "defaults", "models", ref, "alias"];
    return await changeConfig(
      {
        title: `${alias} is no model's name any more.`,
        command: context.name,
        write: (input) => updateConfig({ ...input, edits: [{ path, value: undefined }] }),
      },
      context,
    );
  },
  render: printChange,
});
