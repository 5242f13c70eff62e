import { Fault } from "../platform/fault.ts";
import type { LoadedConfig } from "./load.ts";

/** A start that the owner has to decide about first. `consoleLine` is what the console log shows for it. */
export class StartBlocked extends Fault {
  readonly consoleLine: string;

  constructor(
    what: string,
    options: { log: string; consoleLine: string; lines?: readonly string[]; fix: string },
  ) {
    super(what, {
      exitCode: 78,
      log: options.log,
      fix: options.fix,
      ...(options.lines && { lines: options.lines }),
    });
    this.consoleLine = options.consoleLine;
  }
}

/** The mode guard (behaviour.md B "Start guard", R3). It never writes: a suspicious config stays as it is. */
export function requireGatewayMode(loaded: LoadedConfig, allowUnconfigured: boolean): void {
  const { config } = loaded;
  const mode = config.gateway?.mode;
  if (mode === "local" || allowUnconfigured) return;

  if (mode === undefined && !loaded.exists) {
    throw new StartBlocked(
      "Missing config. Run `openclaw setup` or set gateway.mode=local (or pass --allow-unconfigured).",
      {
        log: "missing config: run openclaw setup or set gateway.mode=local",
        consoleLine: "missing config: run openclaw setup or set gateway.mode=local",
        fix: "openclaw setup",
      },
    );
  }
  if (mode === undefined) {
    throw new StartBlocked(
      "gateway start blocked: set gateway.mode=local (current: unset) or pass --allow-unconfigured",
      {
        lines: [
          "The existing config is missing gateway.mode, so it may be damaged or incomplete: look at it before you go on.",
        ],
        log: "gateway start blocked: gateway.mode is unset — expected local, remote, or hybrid",
        consoleLine: "start blocked — config key gateway.mode has no value",
        fix: "openclaw config set gateway.mode local",
      },
    );
  }
  const url = config.gateway?.remote?.url;
  throw new StartBlocked(
    `Gateway start blocked: set gateway.mode=local (current: ${mode}) or pass --allow-unconfigured.`,
    {
      lines: [
        url
          ? `This machine is set up as a client of ${url}.`
          : "To serve your LAN: openclaw config set gateway.mode local && openclaw config set gateway.bind lan",
      ],
      log: `gateway start blocked: gateway.mode is ${mode}`,
      consoleLine: `start blocked — gateway.mode is ${mode}`,
      fix: "openclaw config set gateway.mode local",
    },
  );
}
