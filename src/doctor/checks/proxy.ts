import { defineCheck } from "../check.ts";

/** A proxy in front that nobody has told the gateway of: what most guides call the most common mistake. */
export default defineCheck({
  id: "proxy",
  summary: "proxies in front of the gateway are in gateway.trustedProxies",
  where: "inside",
  async inspect({ gateway, nowMs }) {
    const { self } = await gateway();
    const refused = self?.refusedProxies ?? [];
    if (refused.length === 0) return [];
    const addresses = refused.map(({ address }) => address);
    return [
      {
        id: "proxy-untrusted",
        evidence: refused.map(
          ({ address, count, lastAtMs }) =>
            `${count} requests with forwarding headers from ${address} were refused, the last one ${Math.max(0, Math.round((nowMs - lastAtMs) / 1000))} s ago`,
        ),
        fix: `openclaw config set gateway.trustedProxies '${JSON.stringify(addresses)}'`,
      },
    ];
  },
});
