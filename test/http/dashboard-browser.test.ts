import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { type Browser, noBrowser, openBrowser, type Page } from "../kit/browser.ts";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { localConfig } from "../kit/state.ts";

const el = (id: string) => `document.getElementById("${id}")`;
const ARTICLES = `[...document.querySelectorAll("#log article")]`;
const shown = (id: string) => `!${el(id)}.hidden && ${el(id)}.innerText`;

describe("the dashboard in a browser", { skip: noBrowser }, () => {
  let gateway: TestGateway;
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
    gateway = await openGateway();
  });
  after(async () => {
    await browser?.close();
    await gateway?.[Symbol.asyncDispose]();
  });

  const baseOf = ({ port }: TestGateway) => `http://127.0.0.1:${port}/`;
  async function openChat(at = gateway, view = {}): Promise<Page> {
    const page = await browser.open(`${baseOf(at)}#token=${at.token}`, view);
    await page.until(shown("chat"));
    return page;
  }
  /** Types a message, waits for its end and gives the text of the answer. */
  async function ask(page: Page, text: string): Promise<string> {
    await page.type(text);
    await page.press("Enter");
    await page.until(`!document.querySelector(".working")`);
    return page.evaluate(`${ARTICLES}.at(-1).innerText`);
  }
  /** The gateway's answers as the page gets them, without the gateway. */
  const answers = (path: string, status: number, body: string, headers = {}) =>
    `{ const real = fetch; globalThis.fetch = async (url, init) => url === ${JSON.stringify(path)}
      ? new Response(${JSON.stringify(body)}, { status: ${status}, headers: ${JSON.stringify(headers)} }) : real(url, init); }`;

  test("what the gateway's checks find is shown, with the command that mends it", async () => {
    await using broken = await openGateway();
    const page = await openChat(broken);
    assert.equal(await page.evaluate(`${el("problems")}.hidden`), true);
    writeFileSync(broken.state.configPath, '{ "gateway": { <b>broken');
    await page.until(`!${el("problems")}.hidden`);
    await page.evaluate(`${el("problems")}.open = true`);
    const text = await page.evaluate(`${el("problems")}.innerText`);
    assert.match(text, /reports \d problems?/);
    assert.match(text, /openclaw (doctor --fix|config )/);
    assert.equal(await page.evaluate(`document.querySelectorAll("#problems b").length`), 0);
    writeFileSync(broken.state.configPath, JSON.stringify(localConfig(1)));
    await page.until(`${el("problems")}.hidden`);
  });

  test("[INJ-08] a new user opens the printed address, sees that it is ready, and gets an answer", async () => {
    const page = await openChat();
    assert.match(
      await page.until(`/up \\d+ s/.test(${el("gateway")}.innerText) && ${el("gateway")}.innerText`),
      /Ready/,
    );
    assert.equal(await page.evaluate("location.href"), baseOf(gateway), "the fragment is gone");
    await page.evaluate(`document.querySelector("[data-say='list files']").click()`);
    await page.until(`!document.querySelector(".working")`);
    assert.match(await page.evaluate(`${ARTICLES}.at(-1).innerText`), /^main\s+\d+ files?.*AGENTS\.md/s);
    assert.match(
      await page.evaluate(`${el("announce")}.textContent`),
      /AGENTS\.md/,
      "a screen reader hears it",
    );

    const hostile = [
      "<img src=x onerror=alert(1)>",
      "<svg onload=alert(1)>",
      "</textarea><script>alert(1)</script>",
      "[x](javascript:alert(1))",
    ];
    for (const text of hostile) {
      const answer = await ask(page, text);
      assert.equal(await page.evaluate(`${ARTICLES}.at(-2).querySelector(".text").textContent`), text);
      assert.ok(answer.includes(text), "the demo repeats it");
    }
    assert.equal(
      await page.evaluate(`document.querySelectorAll("main :is(img, svg, script, a, iframe)").length`),
      0,
    );

    assert.deepEqual(page.console, []);
    assert.deepEqual(
      page.requests.filter((url) => !url.startsWith(baseOf(gateway))),
      [],
    );
    assert.ok(!page.requests.some((url) => url.includes(gateway.token)), "the token is in no address");
    const { store } = gateway.running.services.turns;
    assert.equal(store.find("agent:main:openai-user:dashboard")!.agentId, "main");
  });

  test("[AUTH-01] a link that names another gateway gets neither the token nor a connection", async () => {
    let visits = 0;
    const sink = createServer((_request, response) => void response.end());
    sink.on("connection", () => void visits++);
    await once(sink.listen(0, "127.0.0.1"), "listening");
    const other = `127.0.0.1:${(sink.address() as AddressInfo).port}`;
    try {
      const page = await openChat();
      for (const query of [`?gatewayUrl=ws://${other}`, `?gatewayUrl=http://${other}&autoConnect=1`]) {
        await page.follow(baseOf(gateway) + query);
        await page.until(shown("chat"));
        await page.evaluate(`location.hash = "token=${gateway.token}&gatewayUrl=ws://${other}"`);
        await page.evaluate(`postMessage({ type: "gatewayUrl", gatewayUrl: "ws://${other}" }, "*")`);
        await ask(page, "say 3 words");
      }
      await page.evaluate(`void new WebSocket("ws://${other}")`);
      await page.until("new Promise((done) => setTimeout(done, 50, true))");
      assert.equal(visits, 0);
    } finally {
      sink.closeAllConnections();
      sink.close();
    }
  });

  test("[HTTP-13] the policy is in force", async () => {
    const page = await openChat();
    await page.evaluate(`document.body.append(Object.assign(new Image(), { src: "http://127.0.0.1:9/x.png" }));
      document.body.append(Object.assign(document.createElement("script"), { textContent: "globalThis.ran = true" }))`);
    await page.until("new Promise((done) => setTimeout(done, 50, true))");
    assert.equal(await page.evaluate("globalThis.ran"), undefined);
    assert.equal(
      page.console.filter((line) => line.includes("Content Security Policy")).length,
      2,
      page.console.join("\n"),
    );
  });

  test("a wrong token is explained; the right one, typed, is kept for this tab only", async () => {
    const page = await browser.open(`${baseOf(gateway)}#token=wrong`);
    assert.match(await page.until(shown("gate")), /did not accept this token.*openclaw dashboard/s);
    await page.type(gateway.token);
    await page.press("Enter");
    await page.until(shown("chat"));
    await page.reload();
    await page.until(shown("chat"));

    const other = await browser.open(baseOf(gateway));
    assert.doesNotMatch(await other.until(shown("gate")), /did not accept/);
    await other.evaluate(`location.hash = "token=${gateway.token}"`);
    await other.until(shown("chat"));
    assert.equal(await other.evaluate("location.hash"), "");
  });

  test("a token no header can carry is a wrong token", async () => {
    const page = await browser.open(`${baseOf(gateway)}#token=caf\u00e9`);
    assert.match(await page.until(shown("gate")), /did not accept this token/);
  });

  test("where the endpoint is off, the page says what the gateway says", async () => {
    await using off = await openGateway({
      config: { gateway: { http: { endpoints: { chatCompletions: { enabled: false } } } } },
    });
    const page = await browser.open(`${baseOf(off)}#token=${off.token}`);
    assert.match(
      await page.until(shown("notice")),
      /openclaw config set gateway\.http\.endpoints\.chatCompletions\.enabled true/,
    );
  });

  const PIECE = 'data: {"choices":[{"delta":{"content":"half a"}}]}\n\n';
  const TROUBLES = [
    {
      name: "429",
      status: 429,
      body: '{"error":{"message":"Too many."}}',
      headers: { "retry-after": "7" },
      says: /Too many\. Try again in 7 s\./,
    },
    {
      name: "502",
      status: 502,
      body: '{"error":{"message":"The model is away."}}',
      says: /The model is away\./,
    },
    { name: "a proxy's page", status: 504, body: "<h1>oops</h1>", says: /answered with status 504/ },
    {
      name: "an error in the stream",
      status: 200,
      body: `${PIECE}data: {"error":{"message":"Overloaded."}}\n\n`,
      says: /half a\s+Overloaded\./,
    },
    {
      name: "a stream that breaks off",
      status: 200,
      body: PIECE,
      says: /half a\s+The gateway is away, or the connection to it broke/,
    },
    {
      name: "a reply that is cut off",
      status: 200,
      body: `${PIECE}data: {"choices":[{"delta":{},"finish_reason":"length"}]}\n\ndata: [DONE]\n\n`,
      says: /half a\s+Cut off: the reply reached its length limit/,
    },
    { name: "silence", status: 200, body: "data: [DONE]\n\n", says: /answered without words/ },
  ];
  test("every kind of trouble has its words, and unanswered words can be sent again", async () => {
    const page = await openChat();
    for (const { name, status, body, headers, says } of TROUBLES) {
      await page.evaluate(answers("v1/chat/completions", status, body, headers));
      assert.match(await ask(page, "hello"), says, name);
      assert.equal(await page.evaluate(`${el("message")}.value`), status === 200 ? "" : "hello", name);
      await page.evaluate(`${el("message")}.value = ""`);
    }
    await page.evaluate(answers("v1/chat/completions", 401, "{}"));
    await page.type("hello");
    await page.press("Enter");
    assert.match(await page.until(shown("gate")), /did not accept this token/);
  });

  test("Stop ends the reply here, in the gateway and at the model", async () => {
    const model = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write('data: {"choices":[{"index":0,"delta":{"content":"Let me think"}}]}\n\n');
      response.once("close", () => model.emit("hung up"));
    });
    await once(model.listen(0, "127.0.0.1"), "listening");
    const baseUrl = `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`;
    try {
      await using slow = await openGateway({
        config: {
          models: { providers: { slow: { baseUrl, api: "openai-completions", apiKey: "SEC-key-slow" } } },
          agents: { defaults: { model: { primary: "slow/thinker" } } },
        },
      });
      const page = await openChat(slow);
      await page.type("hello");
      await page.press("Enter");
      await page.until(`${ARTICLES}.at(-1).innerText.includes("Let me think")`);
      const hungUp = once(model, "hung up");
      await page.evaluate(`${el("stop")}.click()`);
      await hungUp;
      assert.match(
        await page.until(`${el("stop")}.hidden && ${ARTICLES}.at(-1).innerText`),
        /Let me think\s+Stopped\.$/,
      );
      assert.deepEqual(page.console, []);
    } finally {
      model.closeAllConnections();
      model.close();
    }
  });

  test("a gateway that goes away and comes back is told", async () => {
    const first = await openGateway();
    const page = await openChat(first);
    await page.evaluate(answers("readyz", 503, '{"ready":false,"failing":["gateway-draining"]}'));
    assert.match(
      await page.until(`${el("gateway")}.dataset.state === "waiting" && ${el("gateway")}.innerText`),
      /Not ready\s+stopping/,
    );
    await page.reload();
    await page.until(shown("chat"));
    await first.stop();
    assert.match(
      await page.until(`${el("gateway")}.dataset.state === "away" && ${el("banner")}.innerText`),
      /No answer.*openclaw start/,
    );
    await using _second = await openGateway({ state: first.state, flags: { port: first.port } });
    assert.match(
      await page.until(`${el("gateway")}.dataset.state === "ready" && ${el("banner")}.innerText`),
      /The gateway is back/,
    );
    assert.match(await ask(page, "say 3 words"), /one small lobster/);
    await first[Symbol.asyncDispose]();
  });

  test("several agents: the chosen one answers", async () => {
    await using many = await openGateway({
      config: { agents: { list: [{ id: "main", default: true }, { id: "research" }] } },
    });
    const page = await openChat(many);
    assert.deepEqual(await page.evaluate(`[...${el("agent")}.options].map((each) => each.text)`), [
      "default",
      "main",
      "research",
    ]);
    await page.evaluate(`${el("agent")}.value = "openclaw/research"`);
    assert.match(await ask(page, "say 3 words"), /^research\s+one small lobster/);
    assert.ok(many.running.services.turns.store.find("agent:research:openai-user:dashboard"));
  });

  test("everything is labelled and reachable with the keyboard", async () => {
    const page = await openChat();
    const nameless = `[...document.querySelectorAll("button, input, select, textarea")]
      .filter((each) => !each.labels?.length && !each.textContent.trim()).map((each) => each.id)`;
    assert.deepEqual(await page.evaluate(nameless), []);
    await page.evaluate("document.activeElement.blur()");
    const stops: string[] = [];
    // One more than there are: on the way round the page itself has the focus once.
    for (let step = 0; step < 7; step++) {
      await page.press("Tab");
      stops.push(
        await page.evaluate("document.activeElement.id || document.activeElement.dataset.say || ''"),
      );
    }
    assert.deepEqual(stops.filter((stop) => stop !== "").sort(), [
      "agent",
      "list files",
      "log",
      "message",
      "read AGENTS.md",
      "send",
    ]);
  });

  test("it fits 360 px and follows the system's colours", async () => {
    const grounds: string[] = [];
    for (const scheme of ["light", "dark"] as const) {
      const page = await openChat(gateway, { width: 360, height: 640, scheme });
      await ask(page, "x".repeat(300));
      assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 360);
      assert.ok(
        await page.evaluate(`${el("log")}.scrollWidth <= ${el("log")}.clientWidth`),
        "long words wrap",
      );
      grounds.push(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
    }
    assert.notEqual(grounds[0], grounds[1]);
  });
});
