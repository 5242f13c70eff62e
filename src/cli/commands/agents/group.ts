import { defineGroup } from "../../command.ts";

export default defineGroup({
  summary: "Agents: list, add, delete, and which messages go to which",
  default: "list",
});
