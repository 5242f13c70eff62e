import { defineGroup } from "../../command.ts";

export default defineGroup({ summary: "Ask a model directly, without an agent" });
