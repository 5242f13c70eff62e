import { KNOWN_PROVIDERS } from "../../agent/known-providers.ts";
import { parseModelRef } from "../../agent/model-ref.ts";
import type { Config } from "../../config/schema.ts";
import type { Env } from "../../platform/env.ts";
import { Fault } from "../../platform/fault.ts";
import type { Paths } from "../../platform/paths.ts";
import { listeningOn } from "../../platform/ports.ts";
import { findRunningGateway } from "../../platform/running-gateway.ts";
import { DEFAULT_PORT } from "../../protocol/limits.ts";
import { DEMO_CHOICE, modelChoices } from "./model-choices.ts";
import { urlProblem } from "./options.ts";
import type { Section } from "./sections.ts";
import { editLines, setupEdits, type Wishes } from "./wishes.ts";

export interface AskInput {
  config: Config;
  env: Env;
  paths: Paths;
  signal: AbortSignal;
  sections: readonly Section[];
  /** A service can be installed by this program, on this machine. */
  offersService: boolean;
  title: string;
}

export interface Answers {
  wishes: Wishes;
  service: boolean;
}

type Prompts = typeof import("@clack/prompts");

/** Asks everything before anything is written. Throws `Fault` (1) for Ctrl-C, Escape and a last no. */
export async function ask(input: AskInput): Promise<Answers> {
  const prompts = await import("@clack/prompts");
  const { config, sections, title } = input;
  prompts.intro(title);
  const has = (section: Section) => sections.includes(section);
  const isWhole = has("model") && has("gateway");
  const wishes: Wishes = {};
  if (isWhole) Object.assign(wishes, await askMode(prompts, config));
  if (wishes.mode !== "remote") {
    if (has("model")) Object.assign(wishes, await askModel(prompts, input));
    if (has("gateway")) Object.assign(wishes, await askGateway(prompts, input));
    if (has("workspace")) Object.assign(wishes, await askWorkspace(prompts, input));
    if (has("channels")) Object.assign(wishes, await askChannels(prompts, input, isWhole));
  }
  const offers = has("service") && input.offersService && wishes.mode !== "remote";
  const service = offers
    ? answered(
        prompts,
        await prompts.confirm({ message: "Start the gateway by itself, also after a reboot (a service)?" }),
      )
    : false;
  const lines = editLines(setupEdits(wishes, config));
  if (service) lines.push("and the service is installed");
  prompts.note(lines.length > 0 ? lines.join("\n") : "nothing changes", "Will be written");
  if (lines.length > 0 && !answered(prompts, await prompts.confirm({ message: "Write it?" }))) {
    throw stopped(prompts);
  }
  prompts.outro(lines.length > 0 ? "Writing it." : "Nothing to write.");
  return { wishes, service };
}

async function askMode(prompts: Prompts, { gateway }: Config): Promise<Wishes> {
  const mode = answered(
    prompts,
    await prompts.select({
      message: "Where does the gateway run?",
      initialValue: gateway?.mode ?? "local",
      options: [
        { value: "local", label: "On this machine" },
        { value: "remote", label: "Elsewhere; this machine is a client of it" },
      ],
    }),
  );
  if (mode === "local") return { mode };
  const url = answered(
    prompts,
    await prompts.text({
      message: "Its address",
      placeholder: "wss://gateway.example.net",
      initialValue: gateway?.remote?.url ?? "",
      validate: (text) => urlProblem(text ?? ""),
    }),
  );
  const token = answered(prompts, await prompts.password({ message: "Its token (Enter: leave as it is)" }));
  return { mode: "remote", remote: { url, ...(token && { token }) } };
}

async function askModel(prompts: Prompts, { config, env, signal }: AskInput): Promise<Wishes> {
  const looking = prompts.spinner();
  looking.start("Looking for models on this machine");
  const found = await modelChoices({ config, env }, signal);
  looking.stop(found.length > 0 ? "Found models" : "No model server and no key found");
  const OTHER = "other";
  const choices = [...found, DEMO_CHOICE];
  const picked = answered(
    prompts,
    await prompts.select<string>({
      message: "Which model answers?",
      options: [
        ...choices.slice(0, -1).map(({ label, hint }, at) => ({ value: String(at), label, hint })),
        { value: OTHER, label: "A service, by its API key", hint: Object.keys(KNOWN_PROVIDERS).join(", ") },
        { value: String(choices.length - 1), label: DEMO_CHOICE.label, hint: DEMO_CHOICE.hint },
      ],
    }),
  );
  if (picked !== OTHER) {
    const { model } = choices[Number(picked)]!;
    return model === undefined ? {} : { model };
  }
  const provider = answered(
    prompts,
    await prompts.select<string>({
      message: "Which service?",
      options: Object.entries(KNOWN_PROVIDERS).map(([value, { defaultModel }]) => ({
        value,
        label: value,
        hint: defaultModel,
      })),
    }),
  );
  const key = answered(
    prompts,
    await prompts.password({
      message: `API key of ${provider} (it is stored in the config, readable for you alone)`,
      validate: (text) =>
        text?.trim() ? undefined : "the key is needed; Ctrl-C stops, nothing is written then",
    }),
  );
  const model = answered(
    prompts,
    await prompts.text({
      message: "Model",
      initialValue: `${provider}/${KNOWN_PROVIDERS[provider]!.defaultModel}`,
      validate: (text) => (parseModelRef(text ?? "") ? undefined : "a model is named <provider>/<model>"),
    }),
  );
  return { model, keys: { [provider]: key.trim() } };
}

async function askGateway(prompts: Prompts, { config, env, paths }: AskInput): Promise<Wishes> {
  const { gateway } = config;
  const own = findRunningGateway(paths);
  const ownPort = own.kind === "none" ? undefined : own.port;
  const current = gateway?.port ?? DEFAULT_PORT;
  // The very first config says loopback; one without the key follows the default of the place.
  const reach = gateway?.bind ?? (gateway && env.inContainer ? "auto" : "loopback");
  const port = answered(
    prompts,
    await prompts.text({
      message: "Port of the gateway",
      initialValue: String(current),
      validate(text = "") {
        const number = /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0;
        if (number < 1 || number > 65_535) return "a number from 1 to 65535";
        const taken = number !== ownPort && listeningOn(number)[0];
        return taken ? `${taken} is taken by another program; choose another port` : undefined;
      },
    }),
  );
  const bind = answered(
    prompts,
    await prompts.select({
      message: "Who can reach it?",
      initialValue: reach,
      options: [
        { value: "loopback", label: "Programs on this machine" },
        { value: "lan", label: "Everybody in the local network who has the token" },
        { value: "tailnet", label: "Devices of the tailnet" },
        ...(["loopback", "lan", "tailnet"].includes(reach)
          ? []
          : [{ value: reach, label: `${reach}, as it is now` }]),
      ],
    }),
  );
  // What is in force anyway is not written, so that it can follow the default.
  return {
    ...(Number(port) !== Number(current) && { port: Number(port) }),
    ...(bind !== reach && { bind }),
  };
}

async function askWorkspace(prompts: Prompts, { config, paths }: AskInput): Promise<Wishes> {
  const current = config.agents?.defaults?.workspace ?? paths.workspaceDir;
  const workspace = answered(
    prompts,
    await prompts.text({
      message: "Folder for the files of agents",
      initialValue: current,
      validate: (text) => (text?.trim() ? undefined : "a folder is needed"),
    }),
  );
  return workspace === current ? {} : { workspace: workspace.trim() };
}

/** Among other questions it is asked whether at all. */
async function askChannels(
  prompts: Prompts,
  { config, env }: AskInput,
  isOptional: boolean,
): Promise<Wishes> {
  const { askAccount } = await import("../channels/ask-account.ts");
  const message = "Connect a chat app now (Telegram, IRC)? It can be done later: openclaw channels add";
  const wanted = !isOptional || answered(prompts, await prompts.confirm({ message, initialValue: false }));
  return wanted ? { account: await askAccount(prompts, { config, env }) } : {};
}

function answered<T>(prompts: Prompts, answer: T): Exclude<T, symbol> {
  if (prompts.isCancel(answer)) throw stopped(prompts);
  return answer as Exclude<T, symbol>;
}

function stopped(prompts: Prompts): Fault {
  prompts.cancel("Stopped.");
  return new Fault("setup was stopped", { why: "Nothing was written.", fix: "openclaw setup" });
}
