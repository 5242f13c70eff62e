import { defineGroup } from "../../command.ts";

export default defineGroup({
  summary: "Conversations: list, read, export, compact, delete",
  default: "list",
});
