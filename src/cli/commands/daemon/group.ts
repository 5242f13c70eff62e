import { defineGroup } from "../../command.ts";

export default defineGroup({ summary: "The gateway as a service (another name of openclaw service)" });
