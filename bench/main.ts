/**
 * `npm run bench [-- startup cli rpc chat size] [--json]`: every figure next to a bare Node server in the same run,
 * because machines are noisy and ratios are not. Exit code 1 when a limit is missed.
 */
import { benchChat } from "./chat.ts";
import { benchCli } from "./cli.ts";
import { judge, table } from "./figure.ts";
import { benchRpc } from "./rpc.ts";
import { benchSize } from "./size.ts";
import { benchStartup } from "./startup.ts";

const BENCHES = { startup: benchStartup, cli: benchCli, rpc: benchRpc, chat: benchChat, size: benchSize };

const args = process.argv.slice(2);
const json = args.includes("--json");
const wanted = args.filter((arg) => arg !== "--json");
const unknown = wanted.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`unknown bench ${unknown.join(", ")}; there are ${Object.keys(BENCHES).join(", ")}`);
  process.exit(2);
}

const figures = [];
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  if (!json) console.error(`measuring ${name} …`);
  figures.push(...(await bench()).map(judge));
}
console.log(json ? JSON.stringify({ node: process.version, figures }, null, 2) : table(figures));
process.exitCode = figures.every(({ ok }) => ok) ? 0 : 1;
