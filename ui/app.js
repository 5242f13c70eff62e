/** The small dashboard: is the gateway ready, and a chat with its agent. Foreign text becomes text nodes only. */

const CHECK_EVERY_MS = 5_000;
const ANSWER_WITHIN_MS = 5_000;
const BACK_SHOWN_MS = 8_000;
const TOKEN_KEY = "openclaw.token";
const BROKEN = "The gateway is away, or the connection to it broke.";
const REFUSED = "The gateway did not accept this token: it is wrong, or the gateway has a new one.";
/** What `failing` of /readyz means to a person. */
const REASONS = { "startup-sidecars": "still starting", "gateway-draining": "stopping" };
const FOCUS = { gate: "token", notice: "retry", chat: "message" };

/** What went wrong outside this page, in words for the person. */
class Trouble extends Error {}

function broken(cause) {
  throw new Trouble(BROKEN, { cause });
}

const $ = (id) => document.getElementById(id);

let token = tokenFromAddress() ?? tabStorage()?.getItem(TOKEN_KEY) ?? undefined;
/** Ends the reply that is being written. */
let running;
let awaySinceMs;
let checkTimer;
let bannerTimer;

/** Takes the token out of the fragment: neither the address bar nor the history keeps it. */
function tokenFromAddress() {
  const encoded = /^#(?:.*&)?token=([^&]*)/.exec(location.hash)?.[1];
  if (encoded === undefined) return undefined;
  history.replaceState(history.state, "", location.pathname + location.search);
  return encoded.replace(/%[2-7][0-9a-f]/gi, decodeURIComponent);
}

/** Undefined where the browser forbids storage: there the token lasts until the page is left. */
function tabStorage() {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}

function call(path, { headers, ...init } = {}) {
  const authorization = token && { authorization: `Bearer ${token}` };
  return fetch(path, { ...init, cache: "no-store", headers: { ...headers, ...authorization } }).catch(broken);
}

/** A refusal in words; the gateway's own message says what to do. */
async function reasonOf(response) {
  const body = await response.json().catch(() => undefined);
  const said = body?.error?.message ?? `The gateway answered with status ${response.status}.`;
  const seconds = Number(response.headers.get("retry-after"));
  return seconds > 0 ? `${said} Try again in ${seconds} s.` : said;
}

const wordsOf = (error) => (error instanceof Trouble ? error.message : `This page failed: ${error}`);

/** The text of an OpenAI event stream as it arrives; the last one has the finish reason. */
async function* piecesOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let finish;
  for (;;) {
    const { done, value } = await reader.read().catch(broken);
    if (done) broken();
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    let text = "";
    for (const block of blocks.filter((each) => each.startsWith("data: "))) {
      if (block === "data: [DONE]") return yield { text, finish };
      const { error, choices } = JSON.parse(block.slice(6));
      if (error) {
        yield { text };
        throw new Trouble(error.message);
      }
      text += choices[0]?.delta.content ?? "";
      finish ??= choices[0]?.finish_reason;
    }
    yield { text };
  }
}

async function readState() {
  try {
    const response = await call("readyz", { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    const { ready, failing = [], uptimeMs, findings = [] } = await response.json();
    const detail = ready
      ? uptimeMs >= 0
        ? `up ${duration(uptimeMs)}`
        : ""
      : failing.map((id) => REASONS[id] ?? id).join(", ");
    return { state: ready ? "ready" : "waiting", label: ready ? "Ready" : "Not ready", detail, findings };
  } catch {
    return { state: "away", label: "Away", detail: "", findings: [] };
  }
}

async function check() {
  const { state, label, detail, findings } = await readState();
  clearTimeout(checkTimer);
  checkTimer = setTimeout(check, CHECK_EVERY_MS);

  $("gateway").dataset.state = state;
  document.title = state === "ready" ? "OpenClaw" : `${label} · OpenClaw`;
  // Written only when it changes: a screen reader speaks every write.
  if ($("state").textContent !== label) $("state").textContent = label;
  $("detail").textContent = detail;
  showProblems(findings);
  if ((state === "away") === (awaySinceMs !== undefined)) return;

  if (state === "away") {
    awaySinceMs = Date.now();
    const at = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    banner(`No answer from the gateway since ${at}. This page keeps trying; to start it: openclaw start`);
  } else {
    banner(`The gateway is back; it was away for ${duration(Date.now() - awaySinceMs)}.`, BACK_SHOWN_MS);
    awaySinceMs = undefined;
    if (!running) connect();
  }
}

/** What the gateway's own checks have found, each with the command that mends it. */
function showProblems(findings) {
  const box = $("problems");
  const key = JSON.stringify(findings);
  if (box.dataset.shown === key) return;
  box.dataset.shown = key;
  box.hidden = findings.length === 0;
  const words = findings.length === 1 ? "1 problem" : `${findings.length} problems`;
  box.firstElementChild.textContent = `The gateway reports ${words}`;
  const items = findings.map(({ title, fix, severity }) =>
    make("li", severity, `${title} — `, make("code", "", fix)),
  );
  box.lastElementChild.replaceChildren(...items);
}

function banner(text, shownMs) {
  clearTimeout(bannerTimer);
  $("banner").textContent = text;
  if (shownMs) bannerTimer = setTimeout(banner, shownMs, "");
}

function duration(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `${Math.round(ms / 1000)} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

/** Finds out whether this token may chat, and with whom. */
async function connect() {
  // No header can carry such a token, so it cannot be the right one.
  if (/[^!-~]/.test(token ?? "")) return askForToken();
  try {
    const response = await call("v1/models", { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    if (response.status === 401) return askForToken();
    if (!response.ok) throw new Trouble(await reasonOf(response));
    if (token) tabStorage()?.setItem(TOKEN_KEY, token);
    offerAgents((await response.json()).data.map(({ id }) => id));
    view("chat");
  } catch (error) {
    $("notice-text").textContent = wordsOf(error);
    view("notice");
  }
}

function askForToken() {
  $("gate-trouble").textContent = token ? REFUSED : "";
  token = undefined;
  view("gate");
}

function view(name) {
  if (!$(name).hidden) return;
  for (const id of Object.keys(FOCUS)) $(id).hidden = id !== name;
  $("agent-label").hidden = name !== "chat";
  $(FOCUS[name]).focus();
}

/** By name; among several, which one is the default is the gateway's business. */
function offerAgents(models) {
  const ids = models.filter((id) => id.startsWith("openclaw/") && id !== "openclaw/default");
  if (ids.length !== 1) ids.unshift("openclaw/default");
  const chosen = $("agent").value;
  const options = ids.map((id) => new Option(id.replace("openclaw/", ""), id, false, id === chosen));
  $("agent").replaceChildren(...options);
}

async function say(text) {
  const model = $("agent").value;
  const reply = addTurn(text, model.replace("openclaw/", ""));
  const controller = new AbortController();
  setRunning(controller);
  try {
    const response = await call("v1/chat/completions", {
      method: "POST",
      headers: { "content-type": "application/json" },
      // The gateway keeps the conversation of this `user`: earlier messages are not sent again.
      body: JSON.stringify({
        model,
        user: "dashboard",
        stream: true,
        messages: [{ role: "user", content: text }],
      }),
      signal: controller.signal,
    });
    if (response.status === 401) askForToken();
    if (!response.ok) throw new Trouble(await reasonOf(response));
    for await (const piece of piecesOf(response.body)) {
      reply.add(piece.text);
      if (piece.finish === "length") reply.end("fine", "Cut off: the reply reached its length limit.");
    }
    reply.end("fine", "");
  } catch (error) {
    if (controller.signal.aborted) return reply.end("fine", "Stopped.");
    reply.end("trouble", wordsOf(error));
    // Nothing came back: the words are still there to send again.
    if (reply.isEmpty() && $("message").value === "") $("message").value = text;
  } finally {
    setRunning(undefined);
  }
}

function setRunning(controller) {
  running = controller;
  $("send").hidden = running !== undefined;
  $("stop").hidden = running === undefined;
  $("agent").disabled = running !== undefined;
  $("message").focus();
}

/** Shows the message and the place where its answer grows. */
function addTurn(said, agentName) {
  const log = $("log");
  const text = document.createTextNode("");
  const note = make("p", "working", "Working");
  $("empty").hidden = true;
  log.append(make("article", "said", make("h3", "unseen", "You"), make("p", "text", said)));
  log.append(make("article", "", make("h3", "", agentName), make("p", "text", text), note));
  log.scrollTop = log.scrollHeight;

  /** Who reads further up is not pulled down. */
  function following(change) {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    change();
    if (atEnd) log.scrollTop = log.scrollHeight;
  }
  return {
    isEmpty: () => text.length === 0,
    add: (piece) => following(() => text.appendData(piece)),
    /** The first end counts. */
    end(kind, words) {
      if (note.className !== "working") return;
      following(() => {
        note.className = kind;
        note.textContent = words || (text.length === 0 ? "The agent answered without words." : "");
      });
      $("announce").textContent = `${agentName}: ${text.data} ${note.textContent}`;
    },
  };
}

/** A string child becomes a text node, whatever is in it. */
function make(tag, className, ...children) {
  const element = Object.assign(document.createElement(tag), { className });
  element.append(...children);
  return element;
}

$("gate").addEventListener("submit", (event) => {
  event.preventDefault();
  token = $("token").value.trim();
  $("token").value = "";
  connect();
});
$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("message").value.trim();
  if (running || text === "") return;
  $("message").value = "";
  say(text);
});
$("message").addEventListener("keydown", (event) => {
  // While an input method composes, Enter belongs to it.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("composer").requestSubmit();
});
$("empty").addEventListener("click", ({ target }) => target.dataset.say && say(target.dataset.say));
$("stop").addEventListener("click", () => running?.abort());
$("retry").addEventListener("click", connect);
document.addEventListener("visibilitychange", () => document.hidden || check());
// A fresh address pasted into this tab changes its fragment only.
addEventListener("hashchange", () => {
  token = tokenFromAddress() ?? token;
  connect();
});

check();
connect();
