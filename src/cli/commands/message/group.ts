import { defineGroup } from "../../command.ts";

export default defineGroup({ summary: "Messages to people and groups in chat apps" });
