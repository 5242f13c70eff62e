import { defineGroup } from "../../command.ts";

export default defineGroup({
  summary: "Messages to chat apps that wait, failed or were sent",
  default: "list",
});
