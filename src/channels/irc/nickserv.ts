import type { Log } from "../../platform/log.ts";
import { ChannelFault } from "../channel.ts";
import type { IrcSettings } from "./accounts.ts";
import type { IrcLine } from "./line.ts";
import type { Wire } from "./wire.ts";

const ANSWER_MS = 10_000;

type Answer = { said: "yes" } | { said: "no"; text: string } | { said: "unknown-command" };

/**
 * Identifies with the services; resolves with their refusal. It comes before channels are joined that want it. The server's own command comes first: it reaches
 * the services whoever calls themselves NickServ, and where there are none the password goes nowhere. A nick is told the
 * password only when the config names it.
 */
export async function identify(
  wire: Wire,
  settings: IrcSettings,
  nick: string,
  log: Log,
): Promise<ChannelFault | undefined> {
  const { nickserv, path } = settings;
  if (!nickserv) return undefined;
  const { password, account, service } = nickserv;
  const mine = account ?? (nick === settings.nick ? undefined : settings.nick);
  const words = ["IDENTIFY", ...(mine ? [mine] : []), password];
  const ask = (send: () => void) => {
    const answer = wire.answer(readAnswer(service ?? "NickServ"), ANSWER_MS);
    send();
    return answer;
  };
  const got = await ask(() =>
    service ? wire.send("PRIVMSG", service, words.join(" ")) : wire.send("NICKSERV", ...words),
  );
  if (got.kind === "late") log.warn("NickServ has not answered; going on unidentified", { service });
  if (got.kind !== "answer") return undefined;
  switch (got.value.said) {
    case "yes":
      // Whoever has our nick is sent away; then it is ours by `openOwnNick`, or by the services at once.
      if (nick !== settings.nick && !service) wire.send("NICKSERV", "REGAIN", settings.nick, password);
      return undefined;
    case "no":
      return new ChannelFault("auth", `NickServ refuses the password: ${got.value.text}`, {
        fix: `openclaw config set ${path}.nickserv.password <password>`,
      });
    case "unknown-command":
      log.warn(
        `this server has no command NICKSERV; if it has services, name them: openclaw config set ${path}.nickserv.service NickServ`,
      );
      return undefined;
  }
}

function readAnswer(service: string): (line: IrcLine) => Answer | undefined {
  const from = service.split("@")[0]!.toLowerCase();
  return ({ command, nick, params }) => {
    const text = params.at(-1) ?? "";
    if (command === "900") return { said: "yes" };
    if (command === "421" && params[1]?.toUpperCase() === "NICKSERV") return { said: "unknown-command" };
    if (command === "401" && params[1]?.toLowerCase() === from) return { said: "unknown-command" };
    if (command !== "NOTICE" || nick.toLowerCase() !== from) return undefined;
    if (/invalid|incorrect|wrong|denied|failed|not registered|isn't registered/i.test(text))
      return { said: "no", text: text.slice(0, 200) };
    return /identified|recogni[sz]ed|accepted|logged in/i.test(text) && !/please|identify/i.test(text)
      ? { said: "yes" }
      : undefined;
  };
}
