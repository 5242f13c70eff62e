import { UsageError } from "../usage.ts";

/** One thing a platform has to be told about an account, in the order in which people are asked. */
export interface AccountField {
  /** The option of `channels add`. */
  option: FieldOption;
  /** Its key below the account. */
  path: readonly string[];
  question: string;
  /** Never shown again. A file or a variable may hold it instead. */
  secret?: { file?: readonly string[]; variable?: string };
  /** Without it the account cannot run; a variable counts. */
  needed?: true;
  initial?: string;
  placeholder?: string;
  /** What is wrong with it, or undefined. */
  problem?(text: string): string | undefined;
  /** As the config has it; the text itself where there is none. */
  read?(text: string): unknown;
  /** Not asked; only the option sets it. */
  optionOnly?: true;
}

export type FieldOption =
  | "token"
  | "apiRoot"
  | "host"
  | "port"
  | "tls"
  | "nick"
  | "join"
  | "password"
  | "saslPassword"
  | "nickservPassword";

const list = (text: string) =>
  text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");

const FIELDS: Readonly<Record<string, readonly AccountField[]>> = {
  telegram: [
    {
      option: "token",
      path: ["botToken"],
      question: "Token of the bot (from @BotFather)",
      secret: { file: ["tokenFile"], variable: "TELEGRAM_BOT_TOKEN" },
      needed: true,
      problem: (text) =>
        /^\d{3,20}:[\w-]{10,200}$/.test(text)
          ? undefined
          : "a token of Telegram reads 123456789:AAE…, as @BotFather shows it",
    },
    {
      option: "apiRoot",
      path: ["apiRoot"],
      question: "Address of the Bot API",
      optionOnly: true,
      problem: (text) => (/^https?:\/\/\S+$/.test(text) ? undefined : "an address begins with https://"),
    },
  ],
  irc: [
    {
      option: "host",
      path: ["host"],
      question: "IRC server",
      placeholder: "irc.libera.chat",
      needed: true,
      problem: (text) =>
        /^[^\s/:]+$|^\[?[\da-f:]+\]?$/i.test(text) ? undefined : "a host name without port",
    },
    {
      option: "tls",
      path: ["tls"],
      question: "Encrypted (TLS)?",
      initial: "yes",
      problem: (text) => (/^(yes|no|true|false)$/i.test(text) ? undefined : "yes or no"),
      read: (text) => /^(yes|true)$/i.test(text),
    },
    {
      option: "port",
      path: ["port"],
      question: "Port",
      initial: "6697",
      problem: (text) =>
        /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535
          ? undefined
          : "a number from 1 to 65535",
      read: Number,
    },
    {
      option: "nick",
      path: ["nick"],
      question: "Nick of the bot",
      initial: "openclaw",
      needed: true,
      problem: (text) => (/^[A-Za-z[\]\\`_^{|}][\w[\]\\`^{|}-]{0,49}$/.test(text) ? undefined : "not a nick"),
    },
    {
      option: "join",
      path: ["channels"],
      question: "Rooms to join, with commas between (Enter: none)",
      initial: "",
      problem: (text) =>
        list(text).every((name) => /^[#&+!][^\s,:]+$/.test(name)) ? undefined : "a room begins with #",
      read: list,
    },
    {
      option: "saslPassword",
      path: ["sasl", "password"],
      question: "Password of the nick at the network (SASL; Enter: none)",
      secret: {},
    },
    {
      option: "password",
      path: ["password"],
      question: "Password of the server",
      secret: {},
      optionOnly: true,
    },
    {
      option: "nickservPassword",
      path: ["nickserv", "password"],
      question: "Password of the nick at NickServ",
      secret: {},
      optionOnly: true,
    },
  ],
};

export function accountFields(channel: string): readonly AccountField[] {
  return FIELDS[channel] ?? [];
}

/** The text of an option, checked. Throws `UsageError`. A `${NAME}` of the config is taken as it is. */
export function checkedText(field: AccountField, text: string, flag: string): string {
  const plain = text.trim();
  const problem = plain.startsWith("${") ? undefined : field.problem?.(plain);
  if (problem === undefined) return plain;
  throw new UsageError(`bad value for ${flag}: ${problem}`, ["channels", "add"]);
}
