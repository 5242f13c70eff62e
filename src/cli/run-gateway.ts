import { readFileSync } from "node:fs";
import type { RunInput } from "../gateway/run.ts";
import { Fault } from "../platform/fault.ts";
import type { ArgsOf, Options } from "./command.ts";
import type { CommandContext } from "./context.ts";
import type { Io } from "./io.ts";

/** Options of `start` and `gateway run`. Each beats the environment, which beats the config. */
export const runOptions = {
  port: { type: "number", min: 1, max: 65_535, summary: "listen on this port (18789)" },
  bind: { type: "string", placeholder: "where", summary: "loopback, lan, tailnet, auto or an address" },
  auth: { type: "choice", values: ["token", "password", "none"], summary: "what clients have to show" },
  token: { type: "string", placeholder: "token", summary: "the token, for this run" },
  password: { type: "string", placeholder: "password", summary: "the password, for this run" },
  passwordFile: { type: "string", placeholder: "file", summary: "read the password from a file" },
  allowUnconfigured: { type: "boolean", summary: "start without gateway.mode in the config" },
  force: { type: "boolean", summary: "end the gateway that runs here first, in good order if it can" },
  yes: { type: "boolean", summary: "with --force: without a person at the terminal" },
  tailscale: {
    type: "choice",
    values: ["off", "serve", "funnel"],
    summary: "listen on this machine only, and say how Tailscale passes clients on",
  },
  console: {
    type: "choice",
    values: ["all", "start"],
    summary: "print everything here, or only until it is ready",
  },
} as const satisfies Options;

/** Runs the gateway in this process until a signal ends it. Returns its exit code. */
export async function runGatewayHere(
  args: ArgsOf<typeof runOptions, Record<never, never>>,
  context: CommandContext,
  start: Pick<RunInput, "greet" | "firstRun">,
): Promise<number> {
  const { env, paths, io, verbose } = context;
  const { port, auth, token, allowUnconfigured, force, yes } = args;
  const bind = bindFor(args);
  const password = args.passwordFile === undefined ? args.password : readSecret(args.passwordFile);
  if (force) {
    const { freeGateway } = await import("./free-gateway.ts");
    await freeGateway({ port, yes, interactive: io.terminal && process.stdin.isTTY === true }, context);
  }
  if (args.tailscale === "serve" || args.tailscale === "funnel") tellTailscale(args.tailscale, port, io);
  const { runGateway } = await import("../gateway/run.ts");
  return runGateway({
    env,
    paths,
    io: { out: io.out, color: io.color.out, isTTY: io.terminal },
    flags: { port, bind, auth, token, password, allowUnconfigured, verbose },
    quietWhenReady: args.console === "start",
    ...start,
  }).catch(async (error: unknown) => {
    const { explainStart } = await import("./broken-start.ts");
    throw await explainStart(error, context);
  });
}

/** What Tailscale passes on comes from this machine; an open port beside it would go round its rules. */
function bindFor({ bind, tailscale }: { bind?: string; tailscale?: string }): string | undefined {
  if (tailscale !== "serve" && tailscale !== "funnel") return bind;
  if (bind === undefined || bind === "loopback") return "loopback";
  throw new Fault(`--tailscale ${tailscale} and --bind ${bind} exclude each other`, {
    why: "Tailscale passes its clients on from this machine, so that the gateway has to listen here only",
    fix: `openclaw gateway run --tailscale ${tailscale}`,
    exitCode: 2,
  });
}

/** Who may be reached from where is a setting of Tailscale, which outlasts this process; it is left to its owner. */
function tellTailscale(how: "serve" | "funnel", port: number | undefined, { note }: Io): void {
  note(
    `--tailscale ${how}: the gateway listens on this machine only. To let Tailscale pass clients on, once:`,
  );
  note(`  tailscale ${how} --bg ${port ?? "$(openclaw config get gateway.port)"}`);
}

function readSecret(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Fault(`--password-file: ${(error as Error).message}`, { exitCode: 78, cause: error });
  }
  const secret = text.replace(/\r?\n$/, "");
  if (secret !== "") return secret;
  throw new Fault(`--password-file: ${file} is empty`, { exitCode: 78 });
}
