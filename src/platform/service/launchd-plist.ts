/** What a property list of launchd says about a program, see launchd.plist(5). XML only; undefined for anything else. Pure. */
export interface LaunchdJob {
  label: string;
  argv: string[];
  env: Record<string, string>;
}

export function parseLaunchdPlist(text: string): LaunchdJob | undefined {
  const label = string(elementOf(text, "Label") ?? "");
  if (label === undefined) return undefined;
  const program = string(elementOf(text, "Program") ?? "");
  const args = [...(elementOf(text, "ProgramArguments") ?? "").matchAll(STRING)].map(([, word]) =>
    decoded(word!),
  );
  const pairs = (elementOf(text, "EnvironmentVariables") ?? "").matchAll(PAIR);
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
