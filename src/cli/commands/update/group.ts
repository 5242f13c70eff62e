import { defineGroup } from "../../command.ts";

export default defineGroup({
  summary: "Which version this is, and how it becomes a newer one",
  default: "status",
});
