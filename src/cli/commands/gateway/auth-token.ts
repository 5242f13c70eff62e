import { Fault } from "../../../platform/fault.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Show the token clients of this gateway need",
  description: ["Without --show it only says where the token comes from."],
  options: { show: { type: "boolean", summary: "print the token itself, and nothing else" } },
  async run({ show }, context) {
    const { credentials, local, url } = await context.target();
    if (credentials.token === undefined) throw noToken(credentials.source);
    return {
      source: credentials.source!,
      gateway: local ? "this machine" : url,
      ...(show && { token: credentials.token }),
    };
  },
  render({ source, gateway, token }, { io }) {
    if (token !== undefined) return io.out(token);
    io.out(`The token for the gateway on ${gateway} is ${source}.`);
    io.out("Show it: openclaw gateway auth-token --show");
  },
});

function noToken(source: string | undefined): Fault {
  if (source)
    return new Fault("this gateway is protected by a password, not by a token", { why: `it is ${source}` });
  return new Fault("there is no gateway token yet", {
    why: "the first start makes one and keeps it",
    fix: "openclaw start",
  });
}
