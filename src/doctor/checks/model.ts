import { discoverModel, resolveModelRef } from "../../agent/models.ts";
import { configuredAgents } from "../../config/agents.ts";
import { adviceOn } from "../../config/notices.ts";
import type { Config } from "../../config/schema.ts";
import { Fault } from "../../platform/fault.ts";
import { createOutbound } from "../../platform/outbound.ts";
import { defineCheck } from "../check.ts";
import type { Facts } from "../facts.ts";
import type { Observation } from "../finding.ts";

/** Which model a turn would get here, by the rules of a start. */
export default defineCheck({
  id: "model",
  summary: "there is a model to answer with",
  where: "outside",
  async inspect(facts) {
    const checked = await facts.config();
    if (!checked.ok || !checked.loaded.exists) return [];
    const { config } = checked.loaded;
    return [...(await choice(config, facts)), ...fallbacks(config, facts), ...advice(config)];
  },
});

async function choice(config: Config, { env, signal }: Facts): Promise<Observation[]> {
  await using outbound = createOutbound();
  try {
    const { source, detail } = await discoverModel({ config, env, outbound, signal });
    return source === "demo" ? [{ id: "model-demo", evidence: [detail] }] : [];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { message, why, fix } = error;
    // The gateway may have a key in its environment that this command has not.
    const isKey = message.startsWith("no API key for ");
    return [
      {
        id: isKey ? "model-missing-key" : "model-unusable",
        severity: isKey ? "warning" : "error",
        title: message,
        evidence: ["agents.defaults.model"],
        why,
        fix,
      },
    ];
  }
}

/** A turn passes over them silently; here somebody wants to know. */
function fallbacks(config: Config, { env, paths }: Facts): Observation[] {
  const wished = new Set(configuredAgents(config, paths).flatMap(({ model }) => model?.fallbacks ?? []));
  return [...wished].flatMap((ref): Observation[] => {
    try {
      resolveModelRef(ref, config, env);
      return [];
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const { message, why, fix } = error;
      const id = message.startsWith("no API key for ") ? "model-missing-key" : "model-unusable";
      return [{ id, severity: "warning", title: `fallback: ${message}`, evidence: [ref], why, fix }];
    }
  });
}

function advice(config: Config): Observation[] {
  const lines = adviceOn(config).filter((line) => line.startsWith("models."));
  return lines.length === 0 ? [] : [{ id: "provider-advice", evidence: lines }];
}
