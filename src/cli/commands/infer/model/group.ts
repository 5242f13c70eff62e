import { defineGroup } from "../../../command.ts";

export default defineGroup({ summary: "Text from a model", default: "list" });
