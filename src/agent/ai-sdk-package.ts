import { join } from "node:path";
import { Fault } from "../platform/fault.ts";
import type { ModelTarget } from "./provider.ts";

/** As much of a language model of the AI SDK as is used; versions 2 to 4 of its specification differ in details. */
export interface LanguageModel {
  specificationVersion: string;
  doStream(options: Record<string, unknown>): PromiseLike<{ stream: AsyncIterable<unknown> }>;
}

const NAME = /^@ai-sdk\/[a-z0-9][a-z0-9._-]{0,100}$/;
const VERSIONS = new Set(["v2", "v3", "v4"]);

/**
 * The model of an installed `@ai-sdk/*` package, looked for beside the gateway and in the state folder. The package is
 * named by `params.package`, or after the provider. Throws a Fault that says what is missing.
 */
export function openLanguageModel(target: ModelTarget, stateDir: string | undefined): LanguageModel {
  const name = packageName(target);
  const exported = load(name, stateDir);
  const create = Object.entries(exported).find(
    ([key, value]) => /^create[A-Z]/.test(key) && typeof value === "function",
  )?.[1] as ((settings: object) => unknown) | undefined;
  if (!create) {
    throw new Fault(`${name} is no provider of models`, {
      why: "it exports no function named create…",
      fix: `openclaw config set models.providers.${target.provider}.params.package @ai-sdk/<provider>`,
    });
  }
  const { provider, apiKey, baseUrl, headers } = target;
  const made = create({
    name: provider,
    ...(apiKey && { apiKey }),
    ...(baseUrl && { baseURL: baseUrl }),
    ...(headers && { headers }),
  }) as { languageModel?(id: string): LanguageModel } & ((id: string) => LanguageModel);
  const model = made.languageModel?.(target.model) ?? made(target.model);
  if (VERSIONS.has(model.specificationVersion)) return model;
  throw new Fault(
    `${name} speaks version ${model.specificationVersion} of the language model specification`,
    {
      why: `this gateway knows ${[...VERSIONS].join(", ")}`,
      fix: installLine(name, stateDir),
    },
  );
}

/** As the config names it, or after the provider. */
function packageName({ provider, params }: ModelTarget): string {
  const named = params?.package ?? `@ai-sdk/${provider}`;
  if (typeof named === "string" && NAME.test(named)) return named;
  throw new Fault(`"${String(named)}" is not the name of a package of the AI SDK`, {
    why: "api ai-sdk loads packages named @ai-sdk/<provider> and no others",
    fix: `openclaw config set models.providers.${provider}.params.package @ai-sdk/<provider>`,
  });
}

function load(name: string, stateDir: string | undefined): Record<string, unknown> {
  const { createRequire } = process.getBuiltinModule("node:module");
  const places = [import.meta.dirname, ...(stateDir === undefined ? [] : [stateDir])];
  for (const place of places) {
    const require = createRequire(join(place, "place.js"));
    let entry: string;
    try {
      entry = require.resolve(name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") continue;
      throw broken(name, error, stateDir);
    }
    try {
      return require(entry) as Record<string, unknown>;
    } catch (error) {
      throw broken(name, error, stateDir);
    }
  }
  throw new Fault(`the AI SDK package ${name} is not installed`, {
    why: "models with api ai-sdk come from a package that is looked for beside the gateway and in its state folder",
    fix: installLine(name, stateDir),
  });
}

function broken(name: string, error: unknown, stateDir: string | undefined): Fault {
  return new Fault(
    `the AI SDK package ${name} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
    {
      why: "the package, or something it needs, is damaged or only half installed",
      fix: installLine(name, stateDir),
      cause: error,
    },
  );
}

function installLine(name: string, stateDir: string | undefined): string {
  return stateDir === undefined ? `npm install ${name}` : `npm install --prefix ${stateDir} ${name}`;
}
