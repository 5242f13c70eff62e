import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Print the path of the config file",
  options: {},
  examples: [`cat "$(openclaw config file)"`],
  run: (_args, { paths }) => ({ path: paths.configPath }),
  render({ path }, { io }) {
    io.out(path);
  },
});
