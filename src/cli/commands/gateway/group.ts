import { defineGroup } from "../../command.ts";

export default defineGroup({ summary: "Run the gateway, look at it, call it", default: "run" });
