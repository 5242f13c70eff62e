/** What the server said it is, by RPL_ISUPPORT; the values of RFC 1459 until it has. */
export interface Network {
  name: string | undefined;
  caseMapping: string;
  channelTypes: string;
  /** Prefixes by which a message goes to a part of a channel only, e.g. "@" to its operators. */
  statusPrefixes: string;
  /** The user mode by which bots say what they are. */
  botMode: string | undefined;
}

export const newNetwork = (): Network => ({
  name: undefined,
  caseMapping: "rfc1459",
  channelTypes: "#&",
  statusPrefixes: "",
  botMode: undefined,
});

/** Takes in one RPL_ISUPPORT: parameters between our nick and the closing remark. */
export function learnNetwork(network: Network, params: readonly string[]): void {
  for (const token of params.slice(1, -1)) {
    const [name, value = ""] = token.split("=", 2);
    if (name === "NETWORK" && value) network.name = value;
    else if (name === "CASEMAPPING") network.caseMapping = value.toLowerCase();
    else if (name === "CHANTYPES") network.channelTypes = value;
    else if (name === "STATUSMSG") network.statusPrefixes = value;
    else if (name === "BOT" && /^[A-Za-z]$/.test(value)) network.botMode = value;
  }
}

/** Names that are one for the server become equal: to the protocol, "[]\^" are the capitals of "{}|~". */
export function foldName(network: Pick<Network, "caseMapping">, name: string): string {
  const lower = name.replace(/[A-Z]/g, (char) => char.toLowerCase());
  if (network.caseMapping === "ascii") return lower;
  const last = network.caseMapping === "strict-rfc1459" ? /[[\]\\]/g : /[[\]\\^]/g;
  return lower.replace(last, (char) => String.fromCharCode(char.charCodeAt(0) + 32));
}

export const isChannelName = (network: Pick<Network, "channelTypes">, name: string): boolean =>
  name !== "" && network.channelTypes.includes(name[0]!);

/**
 * What may stand as the one target of a message. A comma would make two of it, "$" or "@" at the beginning a part of the
 * network or of a channel.
 */
export const isTarget = (name: string): boolean =>
  /^[^\s,:!@$*?\u0000-\u0020\u007f][^\s,!@*?\u0000-\u0020\u007f]{0,127}$/.test(name);

export const isThisMachine = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);
