import { defineGroup } from "../../command.ts";

export default defineGroup({ summary: "Read, check and change the config" });
