import { defineGroup } from "../../../command.ts";

export default defineGroup({ summary: "Short names of models", default: "list" });
