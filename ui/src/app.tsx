import { computed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { PRODUCT_VERSION } from "../../src/protocol/version.ts";
import { ChatPage } from "./chat/chat-page.tsx";
import { SessionList } from "./chat/session-list.tsx";
import { Gate } from "./connect/gate.tsx";
import { connect, link, linkNote } from "./connect/link.ts";
import { AgentsPage } from "./pages/agents.tsx";
import { ChannelsPage } from "./pages/channels.tsx";
import { ConfigPage } from "./pages/config.tsx";
import { DevicesPage } from "./pages/devices.tsx";
import { LogsPage } from "./pages/logs.tsx";
import { OverviewPage } from "./pages/overview.tsx";
import { UsagePage } from "./pages/usage.tsx";
import { Command, Countdown } from "./parts.tsx";
import { findings } from "./state/findings.ts";
import { linkTo, PAGES, route } from "./state/route.ts";
import { currentKey } from "./state/sessions.ts";
import { clockTime, duration, LANGUAGES, language, setLanguage, words } from "./words/words.ts";

/** Once the gateway has let this page in, losing it does not take the page away. */
const wasOpen = computed(() => {
  if (link.value.kind === "open") seen = true;
  if (link.value.kind === "refused") seen = false;
  return seen;
});
let seen = false;

export function App() {
  const menu = useSignal(false);
  const { page } = route.value;
  // Where one goes closes the menu of a phone.
  useEffect(() => {
    menu.value = false;
  }, [page, currentKey.value]);
  const inside = wasOpen.value;
  return (
    <>
      <header>
        {inside && (
          <button
            id="menu"
            type="button"
            class="quiet small"
            aria-expanded={menu.value}
            aria-controls="side"
            onClick={() => {
              menu.value = !menu.value;
            }}
          >
            {words.value.menu}
          </button>
        )}
        <img src="icon.svg" alt="" width="28" height="28" />
        <h1>OpenClaw</h1>
        <State />
      </header>
      <Banners />
      <div class="body">
        {inside && (
          <div id="side" class={menu.value ? "side open" : "side"}>
            <nav aria-label="OpenClaw">
              {PAGES.map((name) => (
                <a key={name} href={linkTo(name)} aria-current={name === page ? "page" : undefined}>
                  {words.value.nav[name]}
                </a>
              ))}
            </nav>
            <SessionList />
            <LanguageChoice />
          </div>
        )}
        <main>{inside ? <CurrentPage /> : <Gate />}</main>
      </div>
    </>
  );
}

function CurrentPage() {
  switch (route.value.page) {
    case "chat":
      return <ChatPage />;
    case "overview":
      return <OverviewPage />;
    case "usage":
      return <UsagePage />;
    case "agents":
      return <AgentsPage />;
    case "channels":
      return <ChannelsPage />;
    case "devices":
      return <DevicesPage />;
    case "logs":
      return <LogsPage />;
    case "config":
      return <ConfigPage />;
  }
}

function State() {
  const { kind } = link.value;
  const label = words.value.state[kind];
  useEffect(() => {
    document.title = kind === "open" ? "OpenClaw" : `${label} · OpenClaw`;
  }, [kind, label]);
  return (
    <p id="gateway" data-state={kind} role="status">
      {label}
    </p>
  );
}

function LanguageChoice() {
  return (
    <label class="fine language">
      {words.value.languageLabel}
      <select
        id="language"
        value={language.value}
        onChange={({ currentTarget }) => setLanguage(currentTarget.value)}
      >
        {Object.entries(LANGUAGES).map(([name, table]) => (
          <option key={name} value={name}>
            {table.language}
          </option>
        ))}
      </select>
    </label>
  );
}

const BACK_SHOWN_MS = 8_000;

function Banners() {
  const state = link.value;
  const back = useSignal<string | undefined>(undefined);
  const awaySinceMs = useSignal<number | undefined>(undefined);
  useEffect(() => {
    if (state.kind === "away") awaySinceMs.value = state.sinceMs;
    if (state.kind !== "open" || awaySinceMs.value === undefined) return;
    back.value = words.value.back(duration(Date.now() - awaySinceMs.value));
    awaySinceMs.value = undefined;
    const timer = setTimeout(() => {
      back.value = undefined;
    }, BACK_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const isOld = state.kind === "open" && state.hello.server.version !== PRODUCT_VERSION;
  return (
    <div id="banners">
      {state.kind === "away" && (
        <div id="away" class="banner trouble">
          <p role="status">
            <strong>{state.away.banner}</strong>
          </p>
          <p>{words.value.awaySince(clockTime(state.sinceMs))}</p>
          <Command text={state.away.isTimeout ? "openclaw doctor" : "openclaw start"} />
          {state.away.isTimeout && <p>{words.value.timeoutHelp}</p>}
          <div class="row">
            <Countdown untilMs={state.retryAtMs} say={words.value.retryIn} />
            <button type="button" class="small quiet" onClick={() => connect()}>
              {words.value.retryNow}
            </button>
          </div>
        </div>
      )}
      {state.kind === "open" && back.value && (
        <p class="banner" role="status">
          {back.value}
        </p>
      )}
      {isOld && (
        <div class="banner row">
          <p role="status">{words.value.updated(state.hello.server.version)}</p>
          <button type="button" class="small" onClick={() => location.reload()}>
            {words.value.reload}
          </button>
        </div>
      )}
      {state.kind === "open" && linkNote.value && (
        <p class="banner" role="status">
          {words.value.secretUnused}
        </p>
      )}
      {state.kind === "open" && findings.value.length > 0 && (
        <details id="problems" class="banner">
          <summary>{words.value.problems(findings.value.length)}</summary>
          <ul>
            {findings.value.map(({ id, severity, title, fix }) => (
              <li key={id} class={severity}>
                {title}
                <Command text={fix} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
