import type { ConfigVersion } from "../config/version.ts";
import { printable } from "../platform/printable.ts";

const WHO: Readonly<Record<string, string>> = {
  cli: "openclaw",
  rpc: "over the gateway",
  doctor: "openclaw doctor",
  hand: "by hand",
  "first-run": "openclaw",
};

/** `openclaw config set gateway.port`, `over the gateway: control-ui config.patch`, `by hand` */
export function authorText({ author, command }: Pick<ConfigVersion, "author" | "command">): string {
  const who = WHO[author.kind] ?? printable(author.kind);
  if (author.kind === "doctor" && command !== undefined) {
    const check = author.name === undefined ? "" : ` (${author.name})`;
    return printable(`openclaw ${command}${check}`);
  }
  const what = printable([author.name, command].filter((word) => word !== undefined).join(" "));
  if (what === "") return who;
  return author.kind === "rpc" ? `${who}: ${what}` : `${who} ${what}`;
}
