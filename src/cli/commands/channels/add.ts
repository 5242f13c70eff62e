import type { Channel } from "../../../channels/channel.ts";
import type { Config } from "../../../config/schema.ts";
import { repairConfig } from "../../../config/store.ts";
import { Fault } from "../../../platform/fault.ts";
import { type ConfigChange, changeConfig, printChange } from "../../change-config.ts";
import {
  type AccountWish,
  accountEdits,
  accountPath,
  DEFAULT_ACCOUNT,
} from "../../channels/account-edits.ts";
import { accountFields, checkedText, type FieldOption } from "../../channels/account-fields.ts";
import { accountIdProblem, askAccount } from "../../channels/ask-account.ts";
import { findChannel } from "../../channels/known-channel.ts";
import { readSecret, secretFile } from "../../channels/read-secret.ts";
import { type ArgsOf, defineCommand, type Options } from "../../command.ts";
import type { CommandContext } from "../../context.ts";
import { kebab } from "../../kebab.ts";
import { isAttended } from "../../setup/run-setup.ts";
import { UsageError } from "../../usage.ts";

const TELEGRAM = "Telegram";
const IRC = "IRC";

const options = {
  channel: { type: "string", placeholder: "id", summary: "which chat app: telegram, irc" },
  account: { type: "string", placeholder: "id", summary: "name of the account, where there are several" },
  name: { type: "string", placeholder: "text", summary: "what people call it; shown in lists" },
  token: {
    ...{ type: "string", placeholder: "token", section: TELEGRAM, otherNames: ["bot-token"] },
    summary: "token of the bot; - reads stdin, so that no history has it",
  },
  tokenFile: {
    type: "string",
    placeholder: "file",
    section: TELEGRAM,
    summary: "a file that holds the token",
  },
  useEnv: {
    type: "boolean",
    section: TELEGRAM,
    summary: "the token is in TELEGRAM_BOT_TOKEN of the gateway",
  },
  apiRoot: { type: "string", placeholder: "url", section: TELEGRAM, summary: "another Bot API server" },
  host: { type: "string", placeholder: "host", section: IRC, summary: "the server" },
  port: { type: "string", placeholder: "number", section: IRC, summary: "its port (6697)" },
  tls: { type: "choice", values: ["yes", "no"], section: IRC, summary: "whether to encrypt (yes)" },
  nick: { type: "string", placeholder: "nick", section: IRC, summary: "what the bot is called" },
  join: { type: "string", placeholder: "rooms", section: IRC, summary: 'rooms to join: "#a,#b"' },
  password: {
    type: "string",
    placeholder: "password",
    section: IRC,
    summary: "of the server; - reads stdin",
  },
  saslPassword: {
    ...{ type: "string", placeholder: "password", section: IRC },
    summary: "of the nick at the network (SASL); - reads stdin",
  },
  nickservPassword: {
    ...{ type: "string", placeholder: "password", section: IRC },
    summary: "of the nick at NickServ; - reads stdin",
  },
  dryRun: { type: "boolean", summary: "show the difference, write nothing" },
} as const satisfies Options;

type Args = ArgsOf<typeof options, Record<never, never>>;

interface Added extends ConfigChange {
  channel: string;
  accountId: string;
  dmPolicy: DmPolicy;
  notices: string[];
}

/** As the section says it, or will say it. */
type DmPolicy = keyof typeof WHO;
const WHO = {
  pairing: "Strangers who write to it get a code; let them in with: openclaw pairing list",
  allowlist: "Only those in allowFrom may write to it (dmPolicy allowlist).",
  open: "Everybody who finds it may write to it (dmPolicy open).",
  disabled: "Nobody may write to it directly (dmPolicy disabled).",
} as const;

export default defineCommand({
  summary: "Add an account of a chat app, or change one",
  description: [
    "In a terminal and without options it asks. Only the keys of this account change in the config; a running",
    "gateway connects by itself, without a restart. The same account again replaces its token.",
  ],
  options,
  examples: [
    "openclaw channels add",
    "openclaw channels add --channel telegram --token-file ~/telegram.token",
    "openclaw channels add --channel irc --host irc.libera.chat --nick mybot --join '#mychannel'",
  ],
  async run(args, context): Promise<Added> {
    const { config } = await context.config();
    const wish = await wishFrom(args, config, context);
    const edits = accountEdits(wish, config);
    const { channel, accountId } = wish;
    const change = await changeConfig(
      {
        title: `Added ${channel.label} account "${accountId}".`,
        command: `${context.name} --channel ${channel.id}`,
        dryRun: args.dryRun,
        write: (input) => repairConfig({ ...input, edits }),
      },
      context,
    );
    const notices = noticesFor(args, wish, context);
    return { ...change, channel: channel.id, accountId, notices, dmPolicy: policyOf(wish, config) };
  },
  render(added, context) {
    printChange(added, context);
    for (const notice of added.notices) context.io.note(`notice: ${notice}`);
    if (added.diff) return;
    context.io.out(WHO[added.dmPolicy]);
    context.io.out("Next: openclaw channels status --probe");
  },
});

function policyOf({ channel, accountId }: AccountWish, { channels }: Config): DmPolicy {
  const section = channels?.[channel.id];
  return section?.accounts?.[accountId]?.dmPolicy ?? section?.dmPolicy ?? "pairing";
}

async function wishFrom(args: Args, config: Config, context: CommandContext): Promise<AccountWish> {
  const channel = args.channel === undefined ? undefined : findChannel(args.channel, context.name);
  const { account } = args;
  const problem = account === undefined ? undefined : accountIdProblem(account);
  if (problem) throw new UsageError(`bad value for --account: ${problem}`, ["channels", "add"]);
  const given = { ...(channel && { channel }), ...(account !== undefined && { accountId: account }) };
  if (!isTold(args)) {
    if (!isAttended(context)) throw nobodyToAsk(channel);
    const prompts = await import("@clack/prompts");
    prompts.intro("openclaw channels add");
    const wish = await askAccount(prompts, { config, env: context.env, ...given });
    prompts.outro("Writing it.");
    return { ...wish, ...(args.name !== undefined && { name: args.name }) };
  }
  if (!channel) throw new UsageError('missing option --channel for "channels add"', ["channels", "add"]);
  const accountId = account ?? DEFAULT_ACCOUNT;
  const values = await valuesOf(args, channel);
  const wish = { channel, accountId, values, ...(args.name !== undefined && { name: args.name }) };
  requireComplete(wish, args, config, context);
  return wish;
}

const FIELD_OPTIONS = [
  "token",
  "apiRoot",
  "host",
  "port",
  "tls",
  "nick",
  "join",
  "password",
  "saslPassword",
  "nickservPassword",
] as const satisfies FieldOption[];

function isTold(args: Args): boolean {
  return (
    args.useEnv || args.tokenFile !== undefined || FIELD_OPTIONS.some((option) => args[option] !== undefined)
  );
}

async function valuesOf(args: Args, channel: Channel): Promise<AccountWish["values"]> {
  const fields = accountFields(channel.id);
  const foreign = FIELD_OPTIONS.find(
    (option) => args[option] !== undefined && !fields.some((field) => field.option === option),
  );
  if (foreign) throw new UsageError(`--${kebab(foreign)} is no option of ${channel.id}`, ["channels", "add"]);
  const token = fields.find(({ secret }) => secret?.file !== undefined);
  if (!token && (args.tokenFile !== undefined || args.useEnv))
    throw new UsageError(`--token-file and --use-env are no options of ${channel.id}`, ["channels", "add"]);
  if ([args.token !== undefined, args.tokenFile !== undefined, args.useEnv].filter(Boolean).length > 1)
    throw new UsageError("--token, --token-file and --use-env exclude each other", ["channels", "add"]);

  const values: { path: readonly string[]; value: unknown }[] = [];
  for (const field of fields) {
    const text = args[field.option];
    if (text === undefined) continue;
    const plain = checkedText(
      field,
      field.secret ? await readSecret(text) : text,
      `--${kebab(field.option)}`,
    );
    values.push({
      path: field.path,
      value: field.read && !plain.startsWith("${") ? field.read(plain) : plain,
    });
  }
  if (!token) return values;
  // One place for the token: what stood in the other one would win, or be forgotten and leak.
  const { path, secret } = token;
  if (args.tokenFile !== undefined) {
    values.push({ path: secret!.file!, value: await secretFile(args.tokenFile) }, { path, value: undefined });
  } else if (args.useEnv) values.push({ path, value: undefined }, { path: secret!.file!, value: undefined });
  else if (args.token !== undefined) values.push({ path: secret!.file!, value: undefined });
  return values;
}

/** A change of an account that works may name single keys; a new one has to be able to run. */
function requireComplete(
  { channel, accountId, values }: AccountWish,
  args: Args,
  config: Config,
  { env }: CommandContext,
): void {
  if (args.useEnv && accountId !== DEFAULT_ACCOUNT)
    throw new UsageError("--use-env is for the default account", ["channels", "add"]);
  const path = accountPath(channel.id, accountId, config);
  const section = config.channels?.[channel.id];
  const known = channel
    .accounts((section ?? {}) as Record<string, unknown>, env.variables())
    .some((account) => account.accountId === accountId && account.missing === undefined);
  if (known) return;
  for (const field of accountFields(channel.id)) {
    if (
      !field.needed ||
      values.some(
        (each) => each.value !== undefined && (each.path === field.path || each.path === field.secret?.file),
      )
    )
      continue;
    if (field.secret && args.useEnv) continue;
    throw new UsageError(
      `--${kebab(field.option)} is needed: ${path.join(".")} has no ${field.path.join(".")}`,
      ["channels", "add"],
    );
  }
}

function noticesFor(args: Args, { channel }: AccountWish, { env }: CommandContext): string[] {
  const secret = args.token ?? args.password ?? args.saslPassword ?? args.nickservPassword;
  const typed = secret !== undefined && secret !== "-" && !secret.startsWith("${");
  const variable = accountFields(channel.id).find((field) => field.secret?.variable)?.secret?.variable;
  return [
    ...(typed ? ["the secret is in the history of your shell now; --token - reads it from stdin"] : []),
    ...(args.useEnv && variable !== undefined && !env.get(variable)
      ? [`${variable} is not set here; the gateway needs it in its own environment`]
      : []),
  ];
}

function nobodyToAsk(channel: Channel | undefined): Fault {
  return new Fault("channels add needs an interactive terminal, or options that say what to add", {
    why: "Nobody can be asked here. Nothing was written.",
    fix: `openclaw channels add --channel ${channel?.id ?? "telegram"} --token-file <file>`,
  });
}
