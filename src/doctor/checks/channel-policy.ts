import { CHANNEL_IDS } from "../../channels/channel-ids.gen.ts";
import type { Config } from "../../config/schema.ts";
import { defineCheck } from "../check.ts";
import type { Observation } from "../finding.ts";

type Section = NonNullable<Config["channels"]>[string];
type Policies = Pick<Section, "enabled" | "dmPolicy" | "allowFrom" | "groupPolicy" | "groupAllowFrom">;

/** Who may write to the agent: whoever does can have it run tools. */
export default defineCheck({
  id: "channel-policy",
  summary: "chat accounts say who may write to them, and not everybody may",
  where: "anywhere",
  async inspect({ config }) {
    const checked = await config();
    if (!checked.ok) return [];
    const { config: inForce, path: file } = checked.loaded;
    return Object.entries(inForce.channels ?? {}).flatMap(([channel, section]) => {
      if (section.enabled === false || !CHANNEL_IDS.includes(channel)) return [];
      const own = Object.entries(section.accounts ?? {}).filter(([, account]) => account.enabled !== false);
      return [
        ...judge(section, section, `channels.${channel}`, file),
        // What an account does not say itself is the section's, which has been judged.
        ...own.flatMap(([id, account]) =>
          judge({ ...section, ...account }, account, `channels.${channel}.accounts.${id}`, file),
        ),
        ...(section.dmPolicy === undefined && own.every(([, account]) => account.dmPolicy === undefined)
          ? [unset(channel, file)]
          : []),
      ];
    });
  },
});

/** `said`: what stands at this very place. */
function judge(inForce: Policies, said: Policies, path: string, file: string): Observation[] {
  const everybody = inForce.allowFrom?.some((entry) => String(entry).trim() === "*") ?? true;
  const found: Observation[] = [];
  if (said.dmPolicy === "open" && everybody) {
    found.push({
      id: "channel-dm-open",
      evidence: [
        `${path}.dmPolicy is open, and ${inForce.allowFrom ? "allowFrom has *" : "there is no allowFrom"}`,
      ],
      fix: `openclaw config set ${path}.dmPolicy pairing`,
      place: { path: `${path}.dmPolicy`, file },
    });
  }
  if (said.groupPolicy === "open" && inForce.groupAllowFrom === undefined) {
    found.push({
      id: "channel-group-open",
      evidence: [`${path}.groupPolicy is open, and there is no groupAllowFrom`],
      fix: `openclaw config set ${path}.groupPolicy allowlist`,
      place: { path: `${path}.groupPolicy`, file },
    });
  }
  return found;
}

function unset(channel: string, file: string): Observation {
  return {
    id: "channel-policy-unset",
    severity: "info",
    evidence: [`channels.${channel}.dmPolicy is not set: strangers get a code, as with "pairing"`],
    fix: `openclaw config set channels.${channel}.dmPolicy pairing`,
    place: { path: `channels.${channel}`, file },
  };
}
