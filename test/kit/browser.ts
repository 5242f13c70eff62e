import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";

/** A Chromium of the distribution, driven over its DevTools protocol; gone with its profile on dispose. */
export interface Browser extends AsyncDisposable {
  /** A tab with nothing stored for where it goes, at this address and loaded. */
  open(url: string, view?: View): Promise<Page>;
  close(): Promise<void>;
}

export interface View {
  width?: number;
  height?: number;
  scheme?: "light" | "dark";
  /** Runs in the page before its own scripts: a clock that runs faster, say. */
  before?: string;
}

export interface Page {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the expression gives, as JSON
  evaluate(js: string): Promise<any>;
  /** Waits until the expression is truthy and gives its value. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  until(js: string): Promise<any>;
  /** Types into what has the focus. */
  type(text: string): Promise<void>;
  /** Presses Tab, Enter, … as a person would. */
  press(key: keyof typeof KEYS): Promise<void>;
  reload(): Promise<void>;
  /** Opens another address in the same tab and waits until it is loaded. */
  follow(url: string): Promise<void>;
  /** Another tab: what this one stored is there. */
  another(url: string): Promise<Page>;
  /** Leaves the page. The tab is used again: a new one costs more than all that happens in it. */
  close(): Promise<void>;
  /** Writes a PNG, or a WebP where the name ends so. */
  screenshot(path: string): Promise<void>;
  /** What the page's scripts hold on to, after a collection. */
  heapBytes(): Promise<number>;
  /** Warnings and errors of scripts and of the browser itself (CSP, network), exceptions and dialogs. */
  console: string[];
  /** What scripts wrote to the console at the levels below. */
  logged: string[];
  /** Addresses the page asked for. */
  requests: string[];
}

const WAIT_MS = 20_000;
const CLOSE_WITHIN_MS = 5_000;
const KEYS = {
  Enter: { key: "Enter", code: "Enter", windowsVirtualKeyCode: 13, text: "\r" },
  Escape: { key: "Escape", code: "Escape", windowsVirtualKeyCode: 27 },
  Tab: { key: "Tab", code: "Tab", windowsVirtualKeyCode: 9 },
} as const;
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-extensions",
  "--disable-site-isolation-trials",
  // Tabs share a process: starting one costs more than the tests in it.
  "--renderer-process-limit=1",
  // Whatever the browser wants from elsewhere, it does not get it. One name is this machine and yet no localhost: to
  // the browser an insecure origin.
  "--host-resolver-rules=MAP openclaw.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  "--remote-debugging-port=0",
];

const executable = (process.env.PATH ?? "")
  .split(delimiter)
  .flatMap((folder) => [join(folder, "chromium"), join(folder, "chromium-browser")])
  .find(existsSync);

/** Why browser tests are skipped here, or false; where the machine must be complete they fail instead. */
export const noBrowser: string | false =
  executable === undefined && process.env.OPENCLAW_TEST_REQUIRE_SYSTEM !== "1"
    ? "chromium is not installed"
    : false;

export async function openBrowser(): Promise<Browser> {
  if (executable === undefined) throw new Error("chromium is not installed: apt-get install -y chromium");
  const profile = mkdtempSync(join(tmpdir(), "openclaw-browser-"));
  const child = spawn(executable, [...FLAGS, `--user-data-dir=${profile}`, "about:blank"], {
    // Its helper processes inherit the pipe: "close" comes when the last of them is gone.
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: process.env.PATH, HOME: profile },
  });
  child.stderr.resume();
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const killNow = () => child.kill("SIGKILL");
  process.once("exit", killNow);
  const close = async (): Promise<void> => {
    child.kill();
    const impatient = setTimeout(killNow, CLOSE_WITHIN_MS);
    await ended;
    clearTimeout(impatient);
    process.off("exit", killNow);
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    const devtools = await connectDevtools(await addressOf(child, profile));
    const tabs: Tabs = { devtools, idle: [] };
    return {
      open: (url, view = {}) => openPage(tabs, url, view, "empty"),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Chromium chooses its port and writes it down. */
async function addressOf(child: ChildProcess, profile: string): Promise<string> {
  const file = join(profile, "DevToolsActivePort");
  const [port, path] = await poll("chromium does not start", () => {
    if (child.exitCode !== null) throw new Error(`chromium ended with exit code ${child.exitCode}`);
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    return lines.length === 2 && lines;
  });
  return `ws://127.0.0.1:${port}${path}`;
}

// biome-ignore lint/suspicious/noExplicitAny: the protocol is Chromium's
type Fields = Record<string, any>;

interface Devtools {
  call(method: string, params?: Fields, sessionId?: string): Promise<Fields>;
  listen(sessionId: string, listener: (method: string, params: Fields) => void): void;
}

async function connectDevtools(address: string): Promise<Devtools> {
  const socket = new WebSocket(address, { perMessageDeflate: false });
  const pending = new Map<number, { resolve(result: Fields): void; reject(error: Error): void }>();
  const listeners = new Map<string, (method: string, params: Fields) => void>();
  let lastId = 0;
  socket.on("message", (data) => {
    const { id, result, error, method, params, sessionId } = JSON.parse(data.toString()) as Fields;
    if (id === undefined) return listeners.get(sessionId)?.(method, params);
    const waiting = pending.get(id);
    pending.delete(id);
    if (error) waiting?.reject(new Error(`DevTools: ${error.message}`));
    else waiting?.resolve(result);
  });
  socket.on("close", () => {
    for (const { reject } of pending.values()) reject(new Error("chromium went away"));
  });
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return {
    listen: (sessionId, listener) => listeners.set(sessionId, listener),
    call(method, params = {}, sessionId) {
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        pending.set(id, { resolve, reject });
        socket.send(JSON.stringify({ id, method, params, sessionId }));
      });
    },
  };
}

interface Tab {
  sessionId: string;
  seen: { console: string[]; logged: string[]; requests: string[]; loads: number };
}

interface Tabs {
  devtools: Devtools;
  /** Left by their page. */
  idle: Tab[];
}

async function openTab(devtools: Devtools): Promise<Tab> {
  const { targetId } = await devtools.call("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await devtools.call("Target.attachToTarget", { targetId, flatten: true });
  const tab: Tab = { sessionId, seen: nothingSeen() };
  devtools.listen(sessionId, (method, params) => {
    const { seen } = tab;
    if (method === "Network.requestWillBeSent") seen.requests.push(params.request.url);
    if (method === "Page.loadEventFired") seen.loads++;
    if (method === "Runtime.exceptionThrown")
      seen.console.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === "Runtime.consoleAPICalled") {
      const text = params.args.map((each: Fields) => each.value ?? each.description).join(" ");
      (/warning|error|assert/.test(params.type) ? seen.console : seen.logged).push(text);
    }
    if (method === "Log.entryAdded" && /warning|error/.test(params.entry.level))
      seen.console.push(params.entry.text);
    if (method === "Page.javascriptDialogOpening") {
      seen.console.push(`dialog: ${params.message}`);
      void devtools.call("Page.handleJavaScriptDialog", { accept: false }, sessionId);
    }
  });
  for (const domain of ["Page", "Runtime", "Log", "Network"])
    await devtools.call(`${domain}.enable`, {}, sessionId);
  return tab;
}

function nothingSeen(): Tab["seen"] {
  return { console: [], logged: [], requests: [], loads: 0 };
}

async function openPage(tabs: Tabs, url: string, view: View, storage: "empty" | "kept"): Promise<Page> {
  const { width = 1000, height = 760, scheme = "light", before } = view;
  const { devtools, idle } = tabs;
  const tab = idle.pop() ?? (await openTab(devtools));
  const call = (method: string, params?: Fields) => devtools.call(method, params, tab.sessionId);
  tab.seen = nothingSeen();
  const { seen } = tab;
  await call("Emulation.setDeviceMetricsOverride", {
    width,
    height,
    deviceScaleFactor: 1,
    mobile: width < 500,
  });
  await call("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });

  const inject = async (source: string) =>
    (await call("Page.addScriptToEvaluateOnNewDocument", { source })).identifier as string;
  const dismiss = (identifier: string) => call("Page.removeScriptToEvaluateOnNewDocument", { identifier });
  const injected = before === undefined ? undefined : await inject(before);
  if (storage === "empty")
    await call("Storage.clearDataForOrigin", { origin: new URL(url).origin, storageTypes: "all" });
  // A tab that is used again still has what is kept for the time of its life.
  const sweep = await inject("sessionStorage.clear()");

  const loaded = async (go: () => Promise<Fields>) => {
    const before = seen.loads;
    await go();
    await poll("the page does not load", () => seen.loads > before);
  };
  await loaded(() => call("Page.navigate", { url }));
  await dismiss(sweep);

  const evaluate = async (js: string) => {
    const { result, exceptionDetails } = await call("Runtime.evaluate", {
      expression: js,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  return {
    console: seen.console,
    logged: seen.logged,
    requests: seen.requests,
    evaluate,
    until: (js) => poll(`never true in the page: ${js}`, () => evaluate(js)),
    type: async (text) => void (await call("Input.insertText", { text })),
    async press(key) {
      await call("Input.dispatchKeyEvent", { type: "keyDown", ...KEYS[key] });
      await call("Input.dispatchKeyEvent", { type: "keyUp", ...KEYS[key], text: undefined });
    },
    reload: () => loaded(() => call("Page.reload")),
    follow: (url) => loaded(() => call("Page.navigate", { url })),
    another: (address) => openPage(tabs, address, view, "kept"),
    async close() {
      if (injected !== undefined) await dismiss(injected);
      await loaded(() => call("Page.navigate", { url: "about:blank" }));
      idle.push(tab);
    },
    async heapBytes() {
      await call("HeapProfiler.collectGarbage");
      return (await call("Runtime.getHeapUsage")).usedSize;
    },
    async screenshot(path) {
      // What is behind another tab is not drawn.
      await call("Page.bringToFront");
      const format = path.endsWith(".webp") ? { format: "webp", quality: 50 } : { format: "png" };
      const { data } = await call("Page.captureScreenshot", format);
      writeFileSync(path, Buffer.from(data, "base64"));
    },
  };
}

async function poll<T>(
  failure: string,
  look: () => T | Promise<T>,
): Promise<Exclude<T, false | undefined | null>> {
  const deadline = performance.now() + WAIT_MS;
  while (performance.now() < deadline) {
    const value = await look();
    if (value) return value as Exclude<T, false | undefined | null>;
    await sleep(25);
  }
  throw new Error(failure);
}
