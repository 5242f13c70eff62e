import { defineGroup } from "../../command.ts";

export default defineGroup({ summary: "Install the gateway as a service, look at it, start and stop it" });
