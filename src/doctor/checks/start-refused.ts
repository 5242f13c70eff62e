import { randomBytes } from "node:crypto";
import { networkInterfaces } from "node:os";
import type { Bind } from "../../access/bind.ts";
import { decideStart } from "../../access/start-decision.ts";
import type { ConfigEdit } from "../../config/legacy-write.ts";
import { readSavedToken } from "../../config/saved-token.ts";
import { Fault } from "../../platform/fault.ts";
import { defineCheck } from "../check.ts";
import type { Facts } from "../facts.ts";
import type { Observation, Repair } from "../finding.ts";

/**
 * Asks the very function a start asks. What `gateway-mode` and `config-newer` say in their own words is not repeated.
 */
export default defineCheck({
  id: "start-refused",
  summary: "bind and secrets of the config are such that the gateway starts",
  where: "anywhere",
  async inspect(facts) {
    const { config, paths, env } = facts;
    const checked = await config();
    if (!checked.ok) return [];
    const { loaded } = checked;
    const mode = loaded.config.gateway?.mode;
    // Whether the mode is right is another check's question; here it would hide everything behind it.
    const asLocal = {
      ...loaded,
      config: { ...loaded.config, gateway: { ...loaded.config.gateway, mode: "local" } },
    };
    if (mode === "remote") return [];
    try {
      const { bind } = decideStart({
        env,
        loaded: asLocal as typeof loaded,
        flags: { allowUnconfigured: true },
        savedToken: readSavedToken(paths),
        mintToken: () => "made at the start",
      });
      return foreignAddress(bind);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return isNewerGuard(error) ? [] : [observe(error, facts)];
    }
  },
});

function isNewerGuard({ message }: Fault): boolean {
  return message.startsWith("Refusing to ");
}

function observe({ message, why, fix }: Fault, { paths }: Facts): Observation {
  const [id, repair] = classify(message);
  return { id, title: message, evidence: [paths.configPath], why, fix, ...(repair && { repair }) };
}

/** By the words of the Fault, which people search for and which therefore do not change. */
function classify(message: string): [id: string, repair?: Repair] {
  if (message.startsWith("refusing to bind gateway ")) {
    const token = randomBytes(32).toString("hex");
    return [
      "bind-without-auth",
      edits("protect it with a new random token", "safe", { mode: "token", token }),
    ];
  }
  if (message.includes("both a token and a password")) {
    return ["auth-ambiguous", edits("let the token count", "force", { mode: "token" })];
  }
  if (message.includes("gateway.auth.mode is password")) {
    return ["start-refused", edits("protect it with a token instead", "force", { mode: "token" })];
  }
  if (/trusted-proxy|secret reference|gateway\.tls/.test(message)) return ["auth-unsupported"];
  if (/gateway\.bind|unknown bind/.test(message)) {
    const loopback: ConfigEdit = { path: ["gateway", "bind"], value: "loopback" };
    return [
      "bind-unusable",
      {
        does: "listen on this machine only",
        level: "force",
        changes: [{ kind: "config-edits", edits: [loopback] }],
      },
    ];
  }
  return ["start-refused"];
}

function edits(does: string, level: Repair["level"], auth: Record<string, string>): Repair {
  const list = Object.entries(auth).map(([key, value]) => ({ path: ["gateway", "auth", key], value }));
  return { does, level, changes: [{ kind: "config-edits", edits: list }] };
}

/** An address that is gone from the network cards is refused by the kernel, not by a rule. */
function foreignAddress({ host, mode }: Bind): Observation[] {
  if (mode !== "custom" || host === undefined) return [];
  const own = Object.values(networkInterfaces()).flatMap((cards = []) => cards.map(({ address }) => address));
  if (own.includes(host) || ["0.0.0.0", "::", "localhost"].includes(host) || host.startsWith("127."))
    return [];
  return [
    {
      id: "bind-unusable",
      title: `this machine has no address ${host}`,
      evidence: [`gateway.customBindHost is ${host}`, `its addresses are ${own.join(", ")}`],
      fix: "openclaw config set gateway.bind lan",
    },
  ];
}
