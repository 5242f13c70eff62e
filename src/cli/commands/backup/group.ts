import { defineGroup } from "../../command.ts";

export default defineGroup({ summary: "Save the whole state, look at what was saved, put it back" });
