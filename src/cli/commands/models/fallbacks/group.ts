import { defineGroup } from "../../../command.ts";

export default defineGroup({ summary: "Models that are asked when the first one fails", default: "list" });
