import { defineGroup } from "../../command.ts";

export default defineGroup({ summary: "The gateway as a service (older name of openclaw service)" });
