import { type Bind, mainPort, resolveBind } from "../../access/bind.ts";
import { allowCommand, firewallOf } from "../../platform/firewall.ts";
import { lanAddress } from "../../platform/network.ts";
import { defineCheck } from "../check.ts";

/** No fault: whoever wants to be reached from elsewhere has to know what else stands in the way. */
export default defineCheck({
  id: "exposure",
  summary: "who can reach the gateway, and by which command a firewall lets them",
  where: "outside",
  async inspect({ config, env, paths, host }) {
    const checked = await config();
    if (!checked.ok || checked.loaded.config.gateway?.mode !== "local") return [];
    const { config: inForce, path } = checked.loaded;
    const bind = boundTo(inForce, env.inContainer);
    if (!bind || bind.loopbackOnly) return [];
    const port = mainPort(inForce, paths);
    const firewall = firewallOf(host);
    const address = bind.host ?? lanAddress();
    return [
      {
        id: "bound-beyond-loopback",
        severity: "info",
        evidence: [
          `gateway.bind is ${bind.mode}: the gateway listens on ${bind.host ?? "every address"} port ${port}`,
          ...(address
            ? [`from elsewhere: http://${address.includes(":") ? `[${address}]` : address}:${port}/`]
            : []),
          firewall
            ? `the firewall of this machine is ${firewall}`
            : "no firewall of this machine is known here",
        ],
        fix: firewall
          ? allowCommand(firewall, port, process.execPath)
          : "openclaw config set gateway.bind loopback",
        place: { path: "gateway.bind", file: path },
      },
    ];
  },
});

function boundTo(config: Parameters<typeof resolveBind>[1], inContainer: boolean): Bind | undefined {
  try {
    return resolveBind(undefined, config, { inContainer, hasSecret: true });
  } catch {
    return undefined;
  }
}
