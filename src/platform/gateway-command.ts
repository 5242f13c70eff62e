import { basename } from "node:path";

/** A command line that runs a gateway, of this implementation or of another one. */
export interface GatewayCommand {
  port?: number;
  profile?: string;
  dev: boolean;
}

/** The program itself or a file of its package; its former names are in use still. */
const PROGRAM = /(^|[/\\])(openclaw|clawdbot|moltbot)((\.[cm]?js|\.cmd)?$|[/\\](dist|bin|src[/\\]cli)[/\\])/i;
/** A process may call itself so instead of showing its arguments. */
const TITLE = /^openclaw-gateway\b/;
/** `gateway` alone and `gateway run` run one; the other words of the group are short commands. */
const OTHER_WORDS =
  /^(status|health|probe|call|auth-token|install|uninstall|start|stop|restart|discover|usage-cost|help)$/;

/** What a command line says about the gateway it runs, or undefined when it runs none. Pure. */
export function readGatewayCommand(argv: readonly string[]): GatewayCommand | undefined {
  if (TITLE.test(argv[0] ?? "")) return { dev: false };
  // The program is the first word, or the script a runtime was given.
  const at = argv.findIndex((word, i) => i <= MAX_RUNTIME_WORDS && PROGRAM.test(word));
  if (at < 0 || (at > 0 && !RUNTIME.test(basename(argv[0]!)))) return undefined;
  const rest = argv.slice(at + 1);
  const words = rest.filter((word, i) => !word.startsWith("-") && !TAKES_VALUE.test(rest[i - 1] ?? ""));
  const [first, second = ""] = words;
  if (first !== "start" && !(first === "gateway" && !OTHER_WORDS.test(second))) return undefined;
  const port = Number(optionOf(rest, "--port"));
  const profile = optionOf(rest, "--profile");
  return {
    dev: rest.includes("--dev"),
    ...(port > 0 && { port }),
    ...(profile !== undefined && { profile }),
  };
}

/** For people: in one piece, without secrets, not too long. Pure. */
export function shownCommand(argv: readonly string[]): string {
  const words = argv.map((word, i) =>
    SECRET.test(argv[i - 1] ?? "") ? "***" : word.replace(/^(--(?:token|password)=).*/s, "$1***"),
  );
  return words.join(" ").slice(0, MAX_COMMAND_CHARS);
}

const SECRET = /^--(token|password)$/;
const MAX_COMMAND_CHARS = 160;

/** `node --flag --flag script`. */
const MAX_RUNTIME_WORDS = 4;
const RUNTIME = /^(node|node\d+|nodejs|bun|deno|tsx|npx|sh|bash|env)(\.exe)?$/i;
const TAKES_VALUE = /^--(port|profile|bind|auth|token|password|password-file|log-level|tailscale|ws-log)$/;

function optionOf(argv: readonly string[], name: string): string | undefined {
  const at = argv.indexOf(name);
  if (at >= 0) return argv[at + 1];
  return argv.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
}
