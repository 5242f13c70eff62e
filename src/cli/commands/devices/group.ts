import { defineGroup } from "../../command.ts";

export default defineGroup({ summary: "Paired devices: who may connect, and who waits", default: "list" });
