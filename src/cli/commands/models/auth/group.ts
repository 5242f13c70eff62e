import { defineGroup } from "../../../command.ts";

export default defineGroup({ summary: "Keys of model services", default: "list" });
