import { findRunningGateway } from "../../platform/running-gateway.ts";
import { defineCommand } from "../command.ts";
import { dashboardUrl } from "../dashboard-url.ts";

export default defineCommand({
  summary: "Print the address of the web dashboard, token included",
  options: {
    noOpen: { type: "boolean", summary: "accepted for older scripts; no browser is opened anyway" },
  },
  async run(_args, context) {
    const target = await context.target();
    const { token, password } = target.credentials;
    const running = target.local ? findRunningGateway(context.paths).kind !== "none" : undefined;
    const address = dashboardUrl(target);
    return {
      // A fragment stays in the browser: it is in no request and in no server's log.
      url: token === undefined ? address : `${address}#token=${encodeURIComponent(token)}`,
      needsPassword: token === undefined && password !== undefined,
      ...(running !== undefined && { running }),
    };
  },
  render({ url, needsPassword, running }, { io }) {
    io.out(url);
    if (needsPassword) io.note("notice: it will ask for the gateway password");
    else if (url.includes("#token="))
      io.note("notice: the address contains your token; whoever has it has your gateway");
    if (running === false) io.note("notice: the gateway is not running: openclaw start");
  },
});
