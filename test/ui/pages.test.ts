import assert from "node:assert/strict";
import { chmodSync, readFileSync, statSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { type Browser, noBrowser, openBrowser, type Page } from "../kit/browser.ts";
import { connectDevice, ELSEWHERE, makeDevice } from "../kit/device.ts";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { noNginx, openNginx } from "../kit/nginx.ts";
import { ask, baseOf, el, isOpen, openChat, shown } from "../kit/ui.ts";
import { connectWire } from "../kit/wire.ts";

const PAGES = ["chat", "overview", "usage", "agents", "channels", "devices", "logs", "config"] as const;
const AXE = readFileSync(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");

describe("the pages of the Control UI", { skip: noBrowser }, () => {
  let gateway: TestGateway;
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
    gateway = await openGateway({ config: { gateway: { trustedProxies: ["127.0.0.1"] } } });
  });
  after(async () => {
    await browser?.close();
    await gateway?.[Symbol.asyncDispose]();
  });

  async function go(page: Page, name: (typeof PAGES)[number]): Promise<void> {
    await page.evaluate(`location.hash = "#/${name}"`);
    await page.until(`${el(name)} && !${el(name)}.innerText.includes("Loading")`);
  }
  const press = (text: string, within: string) =>
    `[...document.querySelectorAll(${JSON.stringify(`${within} button`)})].find((each) => each.innerText === ${JSON.stringify(text)}).click()`;

  /** What axe finds that keeps somebody from using the page. */
  async function serious(page: Page): Promise<string[]> {
    if (!(await page.evaluate("Boolean(globalThis.axe)"))) await page.evaluate(`${AXE}; 0`);
    return await page.evaluate(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
      violations.filter(({ impact }) => impact === "serious" || impact === "critical")
        .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ": " + html.slice(0, 200) + " " + failureSummary)))`);
  }

  test("the overview shows what the gateway says of itself", async () => {
    const page = await openChat(browser, gateway);
    await go(page, "overview");
    const text = await page.until(`${shown("overview")}.includes("demo/echo") && ${shown("overview")}`);
    assert.ok(text.includes(gateway.state.configPath));
    assert.match(text, /own checks found nothing wrong/);
    assert.match(text, /Paired devices\s+1/);
    assert.deepEqual(page.console, []);
    await page.close();
  });

  test("devices: approve, rename, revoke, remove; each asked for twice where it hurts", async () => {
    const page = await openChat(browser, gateway);
    await go(page, "devices");
    const device = makeDevice();
    const askIn = () =>
      connectDevice(gateway.port, device, { token: gateway.token, scopes: ["operator.read"] }, ELSEWHERE);
    {
      using refused = await askIn();
      const { requestId } = refused.answer.error.details;
      const row = `[data-request="${requestId}"]`;
      await page.until(`document.querySelector('${row}') && true`);
      await page.evaluate(press("Approve", row));
    }
    const row = `[data-device="${device.id}"]`;
    await page.until(`document.querySelector('${row}') && true`);
    using letIn = await askIn();
    assert.equal(letIn.answer.ok, true);

    await page.evaluate(press("Rename", row));
    await page.until(`document.querySelector('${row} input') && true`);
    await page.evaluate(
      `document.querySelector('${row} input').focus(); document.querySelector('${row} input').value = ""`,
    );
    await page.type("<b>Kitchen</b>");
    await page.press("Enter");
    await page.until(`document.querySelector('${row} strong').innerText === "<b>Kitchen</b>"`);

    await page.evaluate(press("Revoke token", row));
    await page.until(`document.querySelector('${row}').innerText.includes("Really revoke")`);
    assert.equal(letIn.socket.readyState, letIn.socket.OPEN, "asked only");
    await page.evaluate(press("Really revoke", row));
    assert.equal((await letIn.closed).code, 4001);
    await page.until(`!document.querySelector('${row}').innerText.includes("Revoke")`);

    await page.evaluate(press("Remove", row));
    await page.evaluate(press("Really remove", row));
    await page.until(`!document.querySelector('${row}')`);
    {
      using refused = await askIn();
      const waiting = `[data-request="${refused.answer.error.details.requestId}"]`;
      await page.until(`document.querySelector('${waiting}') && true`);
      await page.evaluate(press("Reject", waiting));
      await page.until(`!document.querySelector('${waiting}')`);
    }
    assert.deepEqual(page.console, []);
    await page.close();
  });

  test("a code to scan: refused with the way out where nobody could reach the gateway, else drawn", async () => {
    const page = await openChat(browser, gateway);
    await go(page, "devices");
    await page.evaluate(press("Show a code to scan", "#devices"));
    assert.match(
      await page.until(`document.querySelector("#devices [role=alert]")?.innerText`),
      /only bound to loopback.*openclaw config set gateway\.bind lan/s,
    );
    await page.evaluate(`${el("public-url")}.focus()`);
    await page.type("wss://claw.example");
    await page.press("Enter");
    await page.until(`document.querySelector(".setup-code img")?.naturalWidth > 100`);
    assert.match(
      await page.evaluate(`document.querySelector(".setup-code").innerText`),
      /Leads to wss:\/\/claw\.example/,
    );
    assert.deepEqual(page.console, []);
    await page.close();
  });

  test("logs follow, and can be filtered", async () => {
    const page = await openChat(browser, gateway);
    await go(page, "logs");
    await page.until(`${shown("logs")}.includes("listening on")`);
    gateway.running.services.sink.log.warn("a needle <b>in</b> the log", { straw: 1 });
    await page.until(
      `[...document.querySelectorAll(".log-lines .warn")].at(-1)?.innerText.includes('a needle <b>in</b> the log {"straw":1}')`,
    );
    await page.evaluate(`${el("log-filter")}.focus()`);
    await page.type("NEEDLE");
    await page.until(`document.querySelectorAll(".log-lines li").length === 1`);
    await page.close();
  });

  test("the config: what changes is shown before it is saved, can be undone, and what is wrong is said", async () => {
    await using own = await openGateway();
    const page = await openChat(browser, own);
    await go(page, "config");
    const set = (text: string) =>
      `{ const area = ${el("config-text")}; area.value = ${text}; area.dispatchEvent(new Event("input", { bubbles: true })) }`;
    assert.doesNotMatch(await page.evaluate(`${el("config-text")}.value`), new RegExp(own.token));
    const changed = `${el("config-text")}.value.replace('"gateway": {', '// mine\\n  "logging": { "level": "debug" },\\n  "gateway": {')`;
    await page.evaluate(set(changed));
    assert.match(
      await page.until(shown("config-diff")),
      /\+\s+\/\/ mine\n\+\s+"logging": \{ "level": "debug" \},/,
    );
    await page.evaluate(press("Undo my changes", "#config"));
    await page.until(`!${el("config-diff")}`);
    await page.evaluate(set(changed));
    await page.until(`!${el("config-save")}.disabled`);
    await page.evaluate(`${el("config-save")}.click()`);
    assert.match(await page.until(shown("config-saved")), /Saved\. In force now: logging\.level/);
    const written = readFileSync(own.state.configPath, "utf8");
    assert.match(written, /\/\/ mine/);
    assert.ok(written.includes(own.token), "what is hidden stays");
    await page.evaluate(set(`${el("config-text")}.value.replace('"debug"', '"loud"')`));
    await page.until(`!${el("config-save")}.disabled`);
    await page.evaluate(`${el("config-save")}.click()`);
    assert.match(
      await page.until(`document.querySelector("#config [role=alert]")?.innerText`),
      /invalid config: logging\.level/,
    );
    assert.match(await page.evaluate(`${el("config-text")}.value`), /"loud"/, "the text is kept");
    assert.deepEqual(page.console, []);
    await page.close();
  });

  test("the settings one by one: found, changed, said what it takes, saved, and put back from the history", async () => {
    await using own = await openGateway();
    const page = await openChat(browser, own);
    await go(page, "config");
    const before = readFileSync(own.state.configPath, "utf8");
    await page.evaluate(`${el("config-view-form")}.click()`);
    await page.until(`${el("config-search")} && true`);
    await page.evaluate(`${el("config-search")}.focus()`);
    await page.type("logging.level");
    const field = el("field-logging.level");
    await page.until(`document.querySelectorAll(".field").length === 1 && ${field} && true`);
    await page.evaluate(
      `${field}.value = "debug"; ${field}.dispatchEvent(new Event("change", { bubbles: true }))`,
    );
    assert.match(
      await page.until(`${shown("config-edits")}?.includes("In force at once") && ${shown("config-edits")}`),
      /logging\.level\s+default → "debug"/,
    );
    assert.deepEqual(await serious(page), []);
    await page.evaluate(`${el("form-save")}.click()`);
    assert.match(await page.until(shown("config-saved")), /In force now: logging\.level/);
    assert.match(readFileSync(own.state.configPath, "utf8"), /"debug"/);

    await page.evaluate(`${el("config-view-history")}.click()`);
    await page.until(`document.querySelectorAll("#config-history .rows > li").length === 2`);
    await page.evaluate(`document.querySelector("#config-history summary").click()`);
    const history = await page.evaluate(shown("config-history"));
    assert.match(history, /Version 2.*rpc.*config\.patch.*now/s);
    assert.match(history, /\+\s+"logging"/);
    assert.doesNotMatch(history, new RegExp(own.token));
    await page.evaluate(press("Put back", "#config-history"));
    await page.evaluate(press("Really put back", "#config-history"));
    await page.until(`document.querySelectorAll("#config-history .rows > li").length === 3`);
    const after = JSON.parse(readFileSync(own.state.configPath, "utf8"));
    delete after.meta;
    assert.deepEqual(after, JSON.parse(before));
    assert.deepEqual(page.console, []);
    await page.close();
  });

  test("a finding is repaired from the page, after the repair was shown", async () => {
    await using own = await openGateway();
    const page = await openChat(browser, own);
    chmodSync(own.state.configPath, 0o644);
    own.running.services.selfCheck.changed();
    await go(page, "overview");
    const button = (text: string) => press(text, "[data-finding]");
    await page.until(`document.querySelector("[data-finding] .repair button") && true`);
    await page.evaluate(button("Show the repair"));
    assert.match(
      await page.until(`document.querySelector("[data-finding] .repair .diff") && ${shown("overview")}`),
      /chmod 600 .*openclaw\.json/,
    );
    assert.equal(statSync(own.state.configPath).mode & 0o777, 0o644, "only shown");
    assert.deepEqual(await serious(page), []);
    await page.evaluate(button("Repair now"));
    await page.until(`document.querySelector(".repaired")?.innerText.startsWith("Repaired:")`);
    assert.equal(statSync(own.state.configPath).mode & 0o777, 0o600);
    await page.until(`!document.querySelector("[data-finding]")`);
    assert.deepEqual(page.console, []);
    await page.close();
  });

  test("usage, agents and models; what a gateway does not have is said", async () => {
    const page = await openChat(browser, gateway);
    const usage = { input: 1_000, output: 234, cacheRead: 0, cacheWrite: 0, totalTokens: 1_234 };
    const call = {
      runId: "u",
      sessionKey: "agent:main:main",
      agentId: "main",
      at: Date.now(),
      durationMs: 5,
    };
    gateway.running.services.turns.modelCalls.add({
      ...call,
      provider: "acme",
      model: "<b>big</b>",
      key: 1,
      outcome: "ok",
      usage,
      cost: 1.25,
    });
    await go(page, "usage");
    const text = await page.until(`${shown("usage")}.includes("By model") && ${shown("usage")}`);
    assert.match(text, /Cost\s+\$1\.25/);
    assert.match(text, /acme\/<b>big<\/b>\s+1\s+1,234\s+\$1\.25/);
    assert.equal(await page.evaluate(`document.querySelectorAll(".chart .bar").length`), 30);
    assert.deepEqual(await serious(page), []);
    await go(page, "agents");
    assert.match(
      await page.until(`${shown("agents")}.includes("demo/echo") && ${shown("agents")}`),
      /main\s+default/,
    );
    await go(page, "channels");
    assert.match(await page.until(shown("channels")), /without channels|No channel is set up/);
    assert.deepEqual(page.console, []);
    await page.close();
  });

  test("behind a proxy under a path of its own, with WebSocket upgrade", { skip: noNginx }, async () => {
    await using own = await openGateway({ config: { gateway: { controlUi: { basePath: "/claw" } } } });
    await using proxy = await openNginx(
      own.port,
      "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; proxy_set_header Host $http_host;",
    );
    // The address without the path leads there, and takes the token along.
    const page = await browser.open(`${baseOf(proxy)}#token=${own.token}`);
    await isOpen(page);
    assert.equal(await page.evaluate("location.href"), `${baseOf(proxy)}claw/`);
    assert.match(await ask(page, "say 3 words"), /one small lobster/);
    const elsewhere = page.requests.slice(1).filter((url) => !url.startsWith(`${baseOf(proxy)}claw/`));
    assert.deepEqual(elsewhere, []);
    await page.close();
  });

  test("what went missing between two events is asked for", async () => {
    const page = await openChat(browser, gateway, {
      before: `{ globalThis.lost = "nothing yet"; const { set } = Object.getOwnPropertyDescriptor(WebSocket.prototype, "onmessage");
        Object.defineProperty(WebSocket.prototype, "onmessage", { set(take) {
          set.call(this, (event) => { if (JSON.parse(event.data).event === globalThis.lost) globalThis.losses = (globalThis.losses ?? 0) + 1; else take(event); });
        } }); }`,
    });
    using owner = await connectWire(gateway.port, { token: gateway.token, scopes: ["operator.write"] });
    await page.evaluate(`globalThis.lost = "sessions.changed"`);
    await owner.request("sessions.create", { key: "agent:main:unheard" });
    await page.until("globalThis.losses > 0");
    const row = `document.querySelector('[data-session="agent:main:unheard"]')`;
    assert.equal(await page.evaluate(`Boolean(${row})`), false);
    gateway.running.services.broadcast.tick(Date.now());
    await page.until(`${row} && true`);
    await page.close();
  });

  test("idle, the page asks nothing", async () => {
    const page = await openChat(browser, gateway, {
      before: `{ globalThis.sent = 0; const { send } = WebSocket.prototype; WebSocket.prototype.send = function (text) { globalThis.sent++; return send.call(this, text); };
        const real = setTimeout; globalThis.timers = []; globalThis.setTimeout = (run, ms, ...rest) => { timers.push(ms); return real(run, ms, ...rest); };
        globalThis.setInterval = () => { throw new Error("an interval"); }; }`,
    });
    for (const name of PAGES) if (name !== "logs") await go(page, name);
    await go(page, "chat");
    await page.until("new Promise((done) => requestIdleCallback(() => done(true)))");
    const sent = await page.evaluate("sent");
    const requests = page.requests.length;
    await page.evaluate("new Promise((done) => setTimeout(done, 1500))");
    assert.equal(await page.evaluate("sent"), sent);
    assert.equal(page.requests.length, requests);
    assert.deepEqual(page.console, []);
    await page.close();
  });

  test("everything has a name and the keyboard reaches it; it fits a phone in both colours", async () => {
    const nameless = `[...document.querySelectorAll("button, input, select, textarea, a, summary, [role=log]")]
      .filter((each) => !each.labels?.length && !each.textContent.trim() && !each.getAttribute("aria-label")).map((each) => each.outerHTML)`;
    const grounds: string[] = [];
    for (const scheme of ["light", "dark"] as const) {
      const page = await openChat(browser, gateway, { width: 360, height: 640, scheme });
      await ask(page, "x".repeat(300));
      for (const name of PAGES) {
        await go(page, name);
        assert.deepEqual(await page.evaluate(nameless), [], name);
        assert.deepEqual(await serious(page), [], `${name}, ${scheme}`);
        assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 360, name);
        assert.ok(
          await page.evaluate(`${el(name)}.scrollWidth <= ${el(name)}.clientWidth`),
          `${name}: long words wrap`,
        );
      }
      grounds.push(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
      await page.evaluate(`${el("menu")}.click()`);
      await page.until(`getComputedStyle(${el("side")}).display === "flex"`);
      await page.evaluate(`document.querySelector("nav a[href='#/logs']").click()`);
      await page.until(`${el("logs")} && getComputedStyle(${el("side")}).display === "none"`);
      await page.close();
    }
    assert.notEqual(grounds[0], grounds[1]);

    const page = await openChat(browser, gateway);
    await page.evaluate("document.activeElement.blur()");
    const stops = new Set<string>();
    for (let step = 0; step < 34; step++) {
      await page.press("Tab");
      stops.add(
        await page.evaluate("document.activeElement.id || document.activeElement.getAttribute('href') || ''"),
      );
    }
    for (const wanted of [
      "#/overview",
      "#/devices",
      "#/logs",
      "#/config",
      "new-chat",
      "search",
      "language",
      "log",
      "message",
      "send",
    ])
      assert.ok(stops.has(wanted), `${wanted} of ${[...stops].join(" ")}`);
    await page.close();
  });

  test("it speaks the languages of its readers, and remembers which", async () => {
    const page = await openChat(browser, gateway);
    for (const [name, word] of [
      ["zh-TW", "傳送"],
      ["zh-CN", "发送"],
      ["en", "Send"],
    ] as const) {
      await page.evaluate(
        `${el("language")}.value = "${name}"; ${el("language")}.dispatchEvent(new Event("change", { bubbles: true }))`,
      );
      await page.until(`${shown("send")} === "${word}" && document.documentElement.lang === "${name}"`);
      await page.reload();
      await isOpen(page);
      assert.equal(await page.evaluate(shown("send")), word);
    }
    await page.close();
  });
});
