import type { ServiceSpec } from "./service-manager.ts";

/** What a property list of launchd says about a program, see launchd.plist(5). XML only; undefined for anything else. Pure. */
export interface LaunchdJob {
  label: string;
  argv: string[];
  env: Record<string, string>;
}

export function parseLaunchdPlist(plist: string): LaunchdJob | undefined {
  const label = string(elementOf(plist, "Label") ?? "");
  if (label === undefined) return undefined;
  const program = string(elementOf(plist, "Program") ?? "");
  const args = [...(elementOf(plist, "ProgramArguments") ?? "").matchAll(STRING)].map(([, word]) =>
    decoded(word!),
  );
  const pairs = (elementOf(plist, "EnvironmentVariables") ?? "").matchAll(PAIR);
  return {
    label,
    argv: args.length > 0 ? args : program === undefined ? [] : [program],
    env: Object.fromEntries([...pairs].map(([, name, value]) => [decoded(name!), decoded(value!)])),
  };
}

const STRING = /<string>([^<]*)<\/string>/g;
const PAIR = /<key>([^<]*)<\/key>\s*<string>([^<]*)<\/string>/g;

/** The element after a key: a string, or an array or dictionary without another of its kind in it. */
function elementOf(text: string, key: string): string | undefined {
  const value = new RegExp(`<key>${key}</key>\\s*(<string>[^<]*</string>|<(array|dict)>[\\s\\S]*?</\\2>)`);
  return value.exec(text)?.[1];
}

function string(element: string): string | undefined {
  const found = /^<string>([^<]*)<\/string>$/.exec(element)?.[1];
  return found === undefined ? undefined : decoded(found);
}

function decoded(text: string): string {
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name]!);
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

/**
 * The property list of a job. Pure. launchd knows no exit code that ends the restarting, so a config that cannot start
 * is tried again every 30 seconds; a gateway that ran for longer than that is restarted at once.
 */
export function launchdPlist({ ref, argv, env, secrets, user, logFile }: ServiceSpec): string {
  const variables = Object.entries({ ...env, ...secrets }).map(
    ([name, value]) => `${key(name)}${text(value)}`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
${[
  `${key("Label")}${text(ref.name)}`,
  `${key("ProgramArguments")}<array>${argv.map(text).join("")}</array>`,
  `${key("EnvironmentVariables")}<dict>${variables.join("")}</dict>`,
  ...(user === undefined ? [] : [`${key("UserName")}${text(user)}`]),
  `${key("RunAtLoad")}<true/>`,
  `${key("KeepAlive")}<true/>`,
  `${key("ThrottleInterval")}<integer>30</integer>`,
  `${key("ExitTimeOut")}<integer>40</integer>`,
  `${key("Umask")}<integer>63</integer>`,
  `${key("ProcessType")}<string>Interactive</string>`,
  `${key("StandardOutPath")}${text(logFile)}`,
  `${key("StandardErrorPath")}${text(logFile)}`,
]
  .map((line) => `  ${line}`)
  .join("\n")}
</dict>
</plist>
`;
}

const key = (name: string) => `<key>${encoded(name)}</key>`;
const text = (value: string) => `<string>${encoded(value)}</string>`;

function encoded(value: string): string {
  return value.replace(/[<>&]/g, (char) => `&${{ "<": "lt", ">": "gt", "&": "amp" }[char]};`);
}
