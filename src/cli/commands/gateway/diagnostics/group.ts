import { defineGroup } from "../../../command.ts";

export default defineGroup({ summary: "Collect what helps to find a fault" });
