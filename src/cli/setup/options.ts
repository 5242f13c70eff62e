import { parseModelRef } from "../../agent/model-ref.ts";
import { Fault } from "../../platform/fault.ts";
import type { ArgsOf, Options } from "../command.ts";
import { UsageError } from "../usage.ts";
import type { Wishes } from "./wishes.ts";

/** What `setup`, `onboard` and `configure` can be told. Other spellings are those of older scripts. */
export const wishOptions = {
  mode: {
    type: "choice",
    values: ["local", "remote"],
    summary: "serve here, or be a client of a gateway elsewhere",
  },
  remoteUrl: { type: "string", placeholder: "url", summary: "where that one is: wss://…" },
  remoteToken: { type: "string", placeholder: "token", summary: "its token" },
  workspace: { type: "string", placeholder: "folder", summary: "where agents keep their files" },
  port: { type: "number", min: 1, max: 65_535, otherNames: ["gateway-port"], summary: "port of the gateway" },
  bind: {
    type: "choice",
    values: ["loopback", "lan", "tailnet", "auto"],
    otherNames: ["gateway-bind"],
    summary: "who can reach it",
  },
  auth: {
    type: "choice",
    values: ["token", "password", "none"],
    otherNames: ["gateway-auth"],
    summary: "what clients have to show",
  },
  token: {
    type: "string",
    placeholder: "token",
    otherNames: ["gateway-token"],
    summary: "the token; one is made where there is none",
  },
  password: {
    type: "string",
    placeholder: "password",
    otherNames: ["gateway-password"],
    summary: "the password",
  },
  model: { type: "string", placeholder: "model", summary: "<provider>/<model> that answers" },
  apiKey: { type: "string", placeholder: "key", summary: "key of the provider that --model names" },
  openaiApiKey: { type: "string", placeholder: "key", summary: "key of openai" },
  anthropicApiKey: { type: "string", placeholder: "key", summary: "key of anthropic" },
  service: {
    type: "boolean",
    otherNames: ["install-daemon"],
    summary: "install the service that starts it by itself",
  },
} as const satisfies Options;

export type WishArgs = ArgsOf<typeof wishOptions, Record<never, never>>;

/** Throws `UsageError` for options that do not go together. */
export function wishesOf(args: WishArgs, command: string): Wishes {
  const { mode, remoteUrl, remoteToken, auth, token, password, model, apiKey } = args;
  const fail = (message: string): never => {
    throw new UsageError(message, [command]);
  };
  if (auth === "token" && password !== undefined) fail("--auth token and --password contradict each other");
  if (auth === "password" && token !== undefined) fail("--auth password and --token contradict each other");
  if (auth === "none" && (token ?? password) !== undefined) fail("--auth none takes no secret");
  if (mode === "local" && remoteUrl !== undefined) fail("--remote-url goes with --mode remote");
  const ref = model === undefined ? undefined : requireModel(model);
  if (apiKey !== undefined && !ref) fail("--api-key needs --model: whose key it is");
  const keys = {
    ...(args.openaiApiKey !== undefined && { openai: args.openaiApiKey }),
    ...(args.anthropicApiKey !== undefined && { anthropic: args.anthropicApiKey }),
    ...(apiKey !== undefined && ref && { [ref.provider]: apiKey }),
  };
  return {
    ...((mode ?? remoteUrl) !== undefined && { mode: mode ?? "remote" }),
    ...((remoteUrl ?? remoteToken) !== undefined && {
      remote: {
        ...(remoteUrl !== undefined && { url: requireUrl(remoteUrl) }),
        ...(remoteToken !== undefined && { token: remoteToken }),
      },
    }),
    ...(args.workspace !== undefined && { workspace: args.workspace }),
    ...(args.port !== undefined && { port: args.port }),
    ...(args.bind !== undefined && { bind: args.bind }),
    ...((auth ?? token ?? password) !== undefined && {
      auth: {
        mode: auth ?? (token === undefined ? "password" : "token"),
        ...((token ?? password) !== undefined && { secret: (token ?? password)! }),
      },
    }),
    ...(model !== undefined && { model }),
    ...(Object.keys(keys).length > 0 && { keys }),
  };
}

function requireModel(model: string): { provider: string } {
  const ref = parseModelRef(model);
  if (ref) return ref;
  throw new Fault(`"${model.slice(0, 80)}" is not a model reference`, {
    why: "A model is named <provider>/<model>, for example openai/gpt-5.5.",
    fix: "openclaw setup --model openai/gpt-5.5",
    exitCode: 2,
  });
}

/** Undefined when it is one. */
export function urlProblem(text: string): string | undefined {
  const protocol = URL.canParse(text) ? new URL(text).protocol : "";
  return protocol === "ws:" || protocol === "wss:" ? undefined : "an address begins with wss:// or ws://";
}

function requireUrl(text: string): string {
  const problem = urlProblem(text);
  if (problem === undefined) return text;
  throw new Fault(`--remote-url: ${problem}`, {
    fix: "openclaw setup --remote-url wss://gateway.example.net",
    exitCode: 2,
  });
}
