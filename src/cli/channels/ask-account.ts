import type { Channel } from "../../channels/channel.ts";
import { CHANNELS } from "../../channels/channels.gen.ts";
import type { Config } from "../../config/schema.ts";
import type { Env } from "../../platform/env.ts";
import { Fault } from "../../platform/fault.ts";
import { type AccountWish, DEFAULT_ACCOUNT } from "./account-edits.ts";
import { type AccountField, accountFields } from "./account-fields.ts";
import { configuredAccounts } from "./known-channel.ts";

export type Prompts = typeof import("@clack/prompts");

export interface AskAccountInput {
  config: Config;
  env: Env;
  /** Not asked for when it is known. */
  channel?: Channel;
  accountId?: string;
}

/** Asks for one account; nothing is written. Throws `Fault` (1) for Ctrl-C and Escape. */
export async function askAccount(prompts: Prompts, input: AskAccountInput): Promise<AccountWish> {
  const channel = input.channel ?? (await askChannel(prompts));
  const accountId = input.accountId ?? (await askAccountId(prompts, channel, input));
  const values: { path: readonly string[]; value: unknown }[] = [];
  for (const field of accountFields(channel.id)) {
    if (field.optionOnly) continue;
    const variable = accountId === DEFAULT_ACCOUNT ? field.secret?.variable : undefined;
    if (variable !== undefined && input.env.get(variable) && (await useVariable(prompts, variable))) continue;
    const value = await askField(prompts, field);
    if (value !== undefined) values.push({ path: field.path, value });
  }
  return { channel, accountId, values };
}

async function askChannel(prompts: Prompts): Promise<Channel> {
  const id = answered(
    prompts,
    await prompts.select<string>({
      message: "Which chat app?",
      options: CHANNELS.map(({ id, label }) => ({ value: id, label })),
    }),
  );
  return CHANNELS.find((channel) => channel.id === id)!;
}

/** The first account has no name of its own; further ones need one. */
async function askAccountId(
  prompts: Prompts,
  channel: Channel,
  { config, env }: AskAccountInput,
): Promise<string> {
  const taken = configuredAccounts(config, env)
    .accounts.filter((account) => account.channel === channel.id && account.missing === undefined)
    .map((account) => account.accountId);
  if (taken.length === 0) return DEFAULT_ACCOUNT;
  return answered(
    prompts,
    await prompts.text({
      message: `${channel.label} has ${taken.join(", ")} already. Name of the account (the same name changes it)`,
      validate: (text = "") => accountIdProblem(text.trim()),
    }),
  ).trim();
}

export function accountIdProblem(text: string): string | undefined {
  return /^[a-z0-9][a-z0-9_-]{0,63}$/i.test(text) ? undefined : "letters, digits, _ and -; at most 64";
}

async function useVariable(prompts: Prompts, variable: string): Promise<boolean> {
  return answered(
    prompts,
    await prompts.confirm({
      message: `${variable} is set in this environment. Take the token from there? (The gateway needs it in its own as well.)`,
    }),
  );
}

async function askField(prompts: Prompts, field: AccountField): Promise<unknown> {
  const { question: message, secret, needed, problem, placeholder, initial, read } = field;
  const validate = (text = "") => {
    const plain = text.trim();
    if (plain === "") return needed ? "this is needed; Ctrl-C stops, nothing is written then" : undefined;
    return problem?.(plain);
  };
  const text = answered(
    prompts,
    secret
      ? await prompts.password({ message, validate })
      : await prompts.text({
          ...{ message, validate },
          ...(placeholder !== undefined && { placeholder }),
          ...(initial !== undefined && { initialValue: initial }),
        }),
  );
  const plain = (text ?? "").trim();
  if (plain === "") return undefined;
  return read ? read(plain) : plain;
}

function answered<T>(prompts: Prompts, answer: T): Exclude<T, symbol> {
  if (!prompts.isCancel(answer)) return answer as Exclude<T, symbol>;
  prompts.cancel("Stopped.");
  throw new Fault("no account was added", { why: "Nothing was written.", fix: "openclaw channels add" });
}
