import { defineGroup } from "../../command.ts";

export default defineGroup({ summary: "Chat apps: accounts, state, start and stop", default: "status" });
