import assert from "node:assert/strict";
import { test } from "node:test";
import { adviceOn } from "./notices.ts";
import type { Config } from "./schema.ts";

const provider = (entry: object): Config => ({ models: { providers: { x: entry } } });

const CASES: [string, Config, string[]][] = [
  ["nothing", { gateway: { port: 1 }, channels: {} }, []],
  [
    "sections this version does not use, all in one line",
    { wizard: {}, acp: 1 },
    ["not used by this version: acp, wizard"],
  ],
  [
    "cosmetic keys of a browser profile",
    { browser: { profiles: { user: { cdpPort: 1, color: "#fff" } } } },
    ["browser.profiles.user.color is not used"],
  ],
  [
    "a base URL without a path",
    provider({ baseUrl: "http://127.0.0.1:1234" }),
    ["models.providers.x.baseUrl has no path; most servers want it to end in /v1"],
  ],
  [
    "a base URL with a path",
    provider({ baseUrl: "http://127.0.0.1:1234/v1", api: "openai-completions" }),
    [],
  ],
  ["a base URL of another protocol", provider({ baseUrl: "https://h", api: "anthropic-messages" }), []],
  [
    "a model id that repeats its provider",
    provider({ models: [{ id: "x/m" }, { id: "m" }] }),
    ["models.providers.x.models[0].id repeats the provider; use the bare model id"],
  ],
];
for (const [name, config, want] of CASES) {
  test(`advice on ${name}`, () => assert.deepEqual(adviceOn(config), want));
}
