import type { Scope } from "../platform/scope.ts";

export interface StallWatchInput {
  bootsFile: string;
  bootId: string;
  /** NODE_OPTIONS of this process. */
  nodeOptions: string | undefined;
  /** How often it looks, and how many looks without a sign of the main thread are too many. */
  tickS?: number;
  ticks?: number;
}

const TICK_S = 5;
const TICKS = 6;

/**
 * A main thread that never comes back, in a loop without end or in a call that does not return, answers nobody and stops
 * for no signal. A shell beside it notices within 35 s, leaves the reason in the ledger and ends the process, so that a
 * supervisor starts it again. A thread of this process could do the same for 10 MB of memory; a shell takes 0.2.
 * A process that is stopped (SIGSTOP, a debugger) is waited for. Without a shell there is no watch.
 */
export function startStallWatch(scope: Scope, input: StallWatchInput): void {
  const { bootsFile, bootId, nodeOptions = "", tickS = TICK_S, ticks = TICKS } = input;
  if (process.platform === "win32" || isDebugged(nodeOptions)) return;
  const { spawn } = process.getBuiltinModule("node:child_process");
  const parameters = [process.pid, bootsFile, bootId, tickS, ticks, Math.round(tickS * ticks)].map(String);
  const watch = spawn("/bin/sh", ["-c", WATCH, "openclaw-watch", ...parameters], {
    stdio: "ignore",
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
  });
  watch.unref();
  watch.on("error", () => {});
  scope.every(tickS * 1_000, () => void watch.kill("SIGUSR1"));
  scope.own({ [Symbol.dispose]: () => void watch.kill("SIGKILL") });
}

/** Who looks at a breakpoint stops the main thread on purpose. */
function isDebugged(nodeOptions: string): boolean {
  return [...process.execArgv, nodeOptions].some((text) => text.includes("--inspect"));
}

/** POSIX. It ends by itself when the process it watches is gone. */
const WATCH = `
pid=$1 file=$2 boot=$3 tick=$4 most=$5 seconds=$6 silent=0
trap 'silent=0' USR1
look() {
  stat=
  { read -r stat < "/proc/$pid/stat"; } 2>/dev/null || stat="0 (x) $(ps -o stat= -p "$pid" 2>/dev/null)"
  stat=\${stat##*) }
  state=\${stat%% *}
}
while sleep "$tick"; do
  kill -0 "$pid" 2>/dev/null || exit 0
  silent=$((silent + 1))
  [ "$silent" -gt "$most" ] || continue
  look
  case $state in
    T* | t*) silent=0; continue ;;
    R*) doing='busy without end' ;;
    *) doing='waiting for something that does not come' ;;
  esac
  cause="its main thread did not come back for $seconds s: $doing"
  printf '\\n{"boot":"%s","at":%s000,"event":"end","kind":"hung","cause":"%s"}\\n' "$boot" "$(date +%s)" "$cause" >> "$file"
  kill -KILL "$pid"
  exit 0
done
`;
