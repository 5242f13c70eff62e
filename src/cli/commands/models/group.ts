import { defineGroup } from "../../command.ts";

export default defineGroup({ summary: "Which models answer", default: "status" });
