import { ircAccounts, settingsOf } from "../../channels/irc/accounts.ts";
import { isThisMachine } from "../../channels/irc/names.ts";
import { senderProblem } from "../../channels/irc/sender-entry.ts";
import type { Config } from "../../config/schema.ts";
import { defineCheck } from "../check.ts";
import type { Observation } from "../finding.ts";

type Section = NonNullable<Config["channels"]>[string];
type Policies = Pick<Section, "allowFrom" | "groupAllowFrom" | "groups" | "groupPolicy">;

/** Settings of IRC that look right and are not: a nick is nobody, a channel without a rule is not listened to. */
export default defineCheck({
  id: "irc",
  summary: "IRC accounts are complete, encrypted and let in who is meant",
  where: "anywhere",
  async inspect({ config, env }) {
    const checked = await config();
    const section = checked.ok ? checked.loaded.config.channels?.irc : undefined;
    if (!section || section.enabled === false) return [];
    const accounts = ircAccounts(section, env.variables()).filter(({ enabled }) => enabled);
    return [
      ...accounts.flatMap(({ missing, settings: _, ...account }): Observation[] =>
        missing
          ? [
              {
                id: "irc-account",
                evidence: [`account ${account.accountId}: ${missing.what}`],
                fix: missing.fix,
              },
            ]
          : [],
      ),
      ...accounts.flatMap((account) => readableByAll(settingsOf(account))),
      ...senders(section, "channels.irc"),
      ...Object.entries(section.accounts ?? {}).flatMap(([id, own]) =>
        senders(own, `channels.irc.accounts.${id}`),
      ),
      ...accounts.flatMap((account) =>
        deafChannels({ ...section, ...section.accounts?.[account.accountId] }, settingsOf(account)),
      ),
    ];
  },
});

function readableByAll({
  tls,
  host,
  path,
  password,
  sasl,
  nickserv,
}: ReturnType<typeof settingsOf>): Observation[] {
  if (tls || host === "" || isThisMachine(host)) return [];
  const secrets = [
    password && "the server password",
    sasl?.password && "the SASL password",
    nickserv && "the NickServ password",
  ];
  const told = secrets.filter(Boolean).join(", ");
  return [
    {
      id: "irc-plaintext",
      evidence: [`${path}: TLS is off for ${host}${told && `, and ${told} is sent over it`}`],
      fix: `openclaw config set ${path}.tls true`,
    },
  ];
}

/** Entries that let in nobody, or could let in somebody else. */
function senders(policies: Policies, path: string): Observation[] {
  const lists: [string, readonly (string | number)[] | undefined][] = [
    [`${path}.allowFrom`, policies.allowFrom],
    [`${path}.groupAllowFrom`, policies.groupAllowFrom],
    ...Object.entries(policies.groups ?? {}).map(([group, { allowFrom }]): [string, typeof allowFrom] => [
      `${path}.groups[${JSON.stringify(group)}].allowFrom`,
      allowFrom,
    ]),
  ];
  return lists.flatMap(([place, entries = []]) => {
    const wrong = entries.flatMap((entry) => senderProblem(String(entry)) ?? []);
    if (wrong.length === 0) return [];
    const meant = entries.map((entry) => senderProblem(String(entry))?.instead ?? entry);
    return [
      {
        id: "irc-allow-list",
        evidence: wrong.map(({ what }) => `${place}: ${what}`),
        fix: `openclaw config set ${quoted(place)} '${JSON.stringify(meant)}'`,
        place: { path: place },
      },
    ];
  });
}

/** Channels the bot sits in and says nothing, because no rule is about them. */
function deafChannels(
  { groupPolicy = "allowlist", groups = {} }: Policies,
  { channels, path }: ReturnType<typeof settingsOf>,
): Observation[] {
  if (groupPolicy !== "allowlist" || "*" in groups) return [];
  const deaf = channels.filter(({ name }) => !(name in groups)).map(({ name }) => name);
  if (deaf.length === 0) return [];
  const place = `${path}.groups[${JSON.stringify(deaf[0])}].requireMention`;
  return [
    {
      id: "irc-groups",
      evidence: deaf.map((name) => {
        const other = Object.keys(groups).find((group) => group.toLowerCase() === name.toLowerCase());
        return other
          ? `${path}.channels has ${name}, ${path}.groups has ${other}`
          : `${path}.channels has ${name}, which is not in ${path}.groups`;
      }),
      fix: `openclaw config set ${quoted(place)} true`,
    },
  ];
}

/** A path as a shell takes it. */
const quoted = (path: string): string => (/^[\w.-]+$/.test(path) ? path : `'${path}'`);
