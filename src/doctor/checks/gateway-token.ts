import { statSync } from "node:fs";
import { lookAtSavedToken } from "../../config/saved-token.ts";
import { defineCheck } from "../check.ts";
import type { Facts } from "../facts.ts";
import type { Observation } from "../finding.ts";

/** Taken over from a guide or an example, so that everybody knows it. */
const KNOWN_TOKENS = /^(change-?me|secret|token|password|test|openclaw|your-.*|<.*>|x+|1234.*)$/i;
const MIN_CHARS = 16;

/** The shared secret: one and the same everywhere, and not to be guessed. */
export default defineCheck({
  id: "gateway-token",
  summary: "the token is the same everywhere and cannot be guessed",
  where: "anywhere",
  async inspect(facts) {
    return [...(await drift(facts)), ...(await weak(facts)), ...damagedFile(facts)];
  },
});

async function drift({ config, env, gateway }: Facts): Promise<Observation[]> {
  const checked = await config();
  if (!checked.ok) return [];
  const { source, path } = checked.loaded;
  const inFile = tokenIn(source);
  const inEnv = env.gateway.token;
  const { reach, reason, port } = await gateway();
  // A device that is not let in has the right secret, or shows none.
  if (reach === "refused" && !/device token mismatch|pairing required/.test(reason ?? "")) {
    const known = inEnv !== undefined ? "OPENCLAW_GATEWAY_TOKEN of this environment" : `the config ${path}`;
    return [
      {
        id: "token-drift",
        severity: "error",
        evidence: [
          `the gateway on port ${port} refuses this place: ${reason}`,
          `tried was the token of ${known}`,
        ],
        fix:
          inEnv !== undefined && inFile !== undefined ? "unset OPENCLAW_GATEWAY_TOKEN" : "openclaw restart",
      },
    ];
  }
  if (inEnv === undefined || inFile === undefined || inEnv === inFile) return [];
  return [
    {
      id: "token-drift",
      severity: "warning",
      evidence: [
        `OPENCLAW_GATEWAY_TOKEN of this environment is not the gateway.auth.token of ${path}`,
        "where the variable is set it wins; a service or another terminal may not have it",
      ],
      fix: "unset OPENCLAW_GATEWAY_TOKEN",
    },
  ];
}

async function weak({ config, env }: Facts): Promise<Observation[]> {
  const checked = await config();
  if (!checked.ok) return [];
  const fromEnv = env.gateway.token !== undefined;
  const token = env.gateway.token ?? tokenIn(checked.loaded.config);
  if (token === undefined || checked.loaded.config.gateway?.auth?.mode === "none") return [];
  const isKnown = KNOWN_TOKENS.test(token);
  if (!isKnown && token.length >= MIN_CHARS) return [];
  const where = fromEnv ? "OPENCLAW_GATEWAY_TOKEN" : "gateway.auth.token";
  const what = isKnown ? "is a word out of an example" : `has ${token.length} characters`;
  return [
    {
      id: "token-weak",
      evidence: [`${where} ${what}`],
      fix: fromEnv
        ? 'export OPENCLAW_GATEWAY_TOKEN="$(openssl rand -hex 32)"'
        : "openclaw doctor --generate-gateway-token",
    },
  ];
}

function damagedFile({ paths, nowMs }: Facts): Observation[] {
  const path = paths.tokenFile;
  if (lookAtSavedToken(paths).kind !== "damaged") return [];
  return [
    {
      id: "token-file-damaged",
      evidence: [`${path} has ${statSync(path).size} bytes and is not one line with a token`],
      repair: {
        does: "set the file aside; the next start makes a new token",
        level: "safe",
        changes: [{ kind: "move", from: path, to: `${path}.damaged.${nowMs}` }],
      },
    },
  ];
}

function tokenIn(config: unknown): string | undefined {
  const token = (config as { gateway?: { auth?: { token?: unknown } } } | undefined)?.gateway?.auth?.token;
  return typeof token === "string" && token !== "" ? token : undefined;
}
