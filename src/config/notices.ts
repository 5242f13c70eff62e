import { formatPath } from "./path.ts";
import { browserProfile } from "./schema/browser.ts";
import { type Config, UNUSED_SECTIONS } from "./schema.ts";

/** What is accepted but will not do what its writer may expect. */
export function adviceOn(config: Config): string[] {
  return [...unusedSections(config), ...profileKeys(config), ...providerAdvice(config)];
}

function unusedSections(config: Config): string[] {
  const present = UNUSED_SECTIONS.filter((name) => config[name] !== undefined);
  return present.length === 0 ? [] : [`not used by this version: ${present.join(", ")}`];
}

/** Colours and the like: no reason to refuse a config. */
function profileKeys(config: Config): string[] {
  return Object.entries(config.browser?.profiles ?? {}).flatMap(([name, profile]) =>
    Object.keys(profile)
      .filter((key) => !Object.hasOwn(browserProfile, key))
      .map((key) => `${formatPath(["browser", "profiles", name, key])} is not used`),
  );
}

function providerAdvice(config: Config): string[] {
  return Object.entries(config.models?.providers ?? {}).flatMap(([name, { api, baseUrl, models }]) => {
    const path = ["models", "providers", name];
    const advice: string[] = [];
    if (isOpenAiLike(api) && baseUrl && /^https?:\/\/[^/]+\/?$/.test(baseUrl)) {
      advice.push(`${formatPath([...path, "baseUrl"])} has no path; most servers want it to end in /v1`);
    }
    for (const [i, { id }] of (models ?? []).entries()) {
      if (!id.startsWith(`${name}/`)) continue;
      advice.push(`${formatPath([...path, "models", i, "id"])} repeats the provider; use the bare model id`);
    }
    return advice;
  });
}

function isOpenAiLike(api: string | undefined): boolean {
  return api === undefined || api.startsWith("openai-");
}
