import { defineGroup } from "../../command.ts";

export default defineGroup({ summary: "People who write to the bot and wait for approval", default: "list" });
