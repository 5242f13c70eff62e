import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { type Browser, noBrowser, openBrowser } from "../kit/browser.ts";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { localConfig } from "../kit/state.ts";
import { ANSWERS, ask, baseOf, el, isOpen, openChat, shown } from "../kit/ui.ts";
import { until } from "../kit/until.ts";

const lastAnswer = `${ANSWERS}.at(-1)?.innerText`;

describe("the chat of the Control UI", { skip: noBrowser }, () => {
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

  test("[INJ-08] a new user opens the printed address, gets an answer from a tool, and finds it again after a reload", async () => {
    const page = await openChat(browser, gateway);
    assert.equal(await page.evaluate("location.href"), baseOf(gateway), "the fragment is gone");
    await page.evaluate(`document.querySelector("[data-say='list files']").click()`);
    await page.until(`!document.querySelector(".working") && ${ANSWERS}.length === 1`);
    const answer = await page.evaluate(lastAnswer);
    assert.match(answer, /^main\s+▸?\s*list\s+done\s+\d+ files?.*AGENTS\.md/s);
    assert.match(
      await page.evaluate(`${el("announce")}.textContent`),
      /AGENTS\.md/,
      "a screen reader hears it",
    );
    await page.evaluate(`document.querySelector(".tool summary").click()`);
    assert.match(
      await page.evaluate(`document.querySelector(".tool pre").innerText`),
      /AGENTS\.md \(\d+ bytes\)/,
    );

    const hostile = [
      "<img src=x onerror=alert(1)>",
      "<svg onload=alert(1)>",
      "</textarea><script>alert(1)</script>",
      "[x](javascript:alert(1))",
    ];
    for (const text of hostile) {
      const reply = await ask(page, text);
      assert.equal(
        await page.evaluate(`[...document.querySelectorAll("#log .said .text")].at(-1).textContent`),
        text,
      );
      assert.ok(reply.includes(text), "the demo repeats it");
    }
    assert.equal(
      await page.evaluate(`document.querySelectorAll("main :is(img, svg, script, a, iframe)").length`),
      0,
    );
    await page.reload();
    await isOpen(page);
    assert.ok((await page.until(`${ANSWERS}.length === 5 && ${lastAnswer}`)).includes(hostile.at(-1)!));
    assert.deepEqual(page.console, []);
    assert.deepEqual(
      page.requests.filter((url) => !url.startsWith(baseOf(gateway))),
      [],
    );
    assert.ok(!page.requests.some((url) => url.includes(gateway.token)), "the token is in no address");
    await page.close();
  });

  test("[AUTH-01] [INJ-06] neither a link nor an image in an answer leads anywhere by itself", async () => {
    let visits = 0;
    const sink = createServer((_request, response) => void response.end());
    sink.on("connection", () => void visits++);
    await once(sink.listen(0, "127.0.0.1"), "listening");
    const other = `127.0.0.1:${(sink.address() as AddressInfo).port}`;
    try {
      const page = await openChat(browser, gateway);
      for (const query of [`?gatewayUrl=ws://${other}`, `?gatewayUrl=http://${other}&autoConnect=1`]) {
        await page.follow(baseOf(gateway) + query);
        await isOpen(page);
        await page.evaluate(`location.hash = "token=${gateway.token}&gatewayUrl=ws://${other}"`);
        await page.evaluate(`postMessage({ type: "gatewayUrl", gatewayUrl: "ws://${other}" }, "*")`);
        await isOpen(page);
      }
      await ask(page, `![x](http://${other}/?q=secret) [y](http://${other}/y) <img src=http://${other}/z>`);
      assert.match(await page.evaluate(lastAnswer), /Image: x/);
      assert.equal(
        await page.evaluate(`document.querySelectorAll("#log a[href^='http://${other}/']").length`),
        3,
      );
      assert.equal(
        await page.evaluate(
          `[...document.querySelectorAll("#log a")].every((a) => a.rel === "noopener noreferrer")`,
        ),
        true,
      );
      await page.evaluate(`void new WebSocket("ws://${other}")`);
      await page.evaluate("new Promise((done) => setTimeout(done, 50))");
      assert.equal(visits, 0);
      await page.close();
    } finally {
      sink.closeAllConnections();
      sink.close();
    }
  });

  test("[HTTP-13] the policy is in force", async () => {
    const page = await openChat(browser, gateway);
    await page.evaluate(
      `document.body.append(Object.assign(new Image(), { src: "http://127.0.0.1:9/x.png" }))`,
    );
    const attempts = [
      `document.body.insertAdjacentHTML("beforeend", "<p>x</p>")`,
      `document.body.innerHTML = "<p>x</p>"`,
      `document.body.append(Object.assign(document.createElement("script"), { textContent: "globalThis.ran = true" }))`,
    ];
    for (const attempt of attempts)
      assert.match(
        await page.evaluate(
          `(() => { try { ${attempt}; return "done" } catch (error) { return String(error) } })()`,
        ),
        /TypeError/,
        attempt,
      );
    assert.equal(await page.evaluate("globalThis.ran"), undefined);
    assert.ok(
      page.console.some((line) => /violates the following Content Security Policy.*img-src/s.test(line)),
      page.console.join("\n"),
    );
    await page.close();
  });

  test("[send-failed-not-connected] [conn-websocket-to-failed] a message for a gateway that is away stays in the composer; the gateway comes back", async () => {
    const first = await openGateway();
    const page = await openChat(browser, first);
    await first.stop();
    assert.match(await page.until(shown("away")), /^disconnected \(10\d\d\): .*openclaw start/s);
    // The browser's own words for each further attempt; the banner says what they mean.
    await until("the browser complains", () =>
      page.console.some((line) => /WebSocket connection to 'wss?:\/\/[^']+' failed/.test(line)),
    );
    await page.evaluate(`${el("message")}.focus()`);
    await page.type("are you there?");
    await page.press("Enter");
    assert.match(
      await page.until(shown("send-error")),
      /^send failed: gateway not connected.*openclaw status/s,
    );
    assert.equal(await page.evaluate(`${el("message")}.value`), "are you there?");
    await using _second = await openGateway({ state: first.state, flags: { port: first.port } });
    assert.match(
      await page.until(`${el("gateway")}.dataset.state === "open" && ${shown("banners")}`),
      /The gateway is back/,
    );
    await page.evaluate(`${el("message")}.value = ""`);
    assert.match(await ask(page, "say 3 words"), /one small lobster/);
    await first[Symbol.asyncDispose]();
    await page.close();
  });

  test("what the gateway's checks find is pushed to the page, with the command that mends it", async () => {
    await using broken = await openGateway();
    const page = await openChat(browser, broken);
    assert.equal(await page.evaluate(`${el("problems")} === null`), true);
    writeFileSync(broken.state.configPath, '{ "gateway": { <b>broken');
    await page.until(`${el("problems")}`.concat(" && true"));
    await page.evaluate(`${el("problems")}.open = true`);
    const text = await page.evaluate(shown("problems"));
    assert.match(text, /reports \d problems?/);
    assert.match(text, /openclaw (doctor --fix|config )/);
    assert.equal(await page.evaluate(`document.querySelectorAll("#problems b").length`), 0);
    writeFileSync(broken.state.configPath, JSON.stringify(localConfig(1)));
    await page.until(`!${el("problems")}`);
    await page.close();
  });

  test("a slash offers commands, by keyboard", async () => {
    const page = await openChat(browser, gateway);
    await page.evaluate(`${el("message")}.focus()`);
    await page.type("/sta");
    await page.until(`${shown("slash")}?.startsWith("/status")`);
    await page.press("Tab");
    assert.match(await page.evaluate(`${el("message")}.value`), /^\/status ?$/);
    assert.equal(await page.until(`!${el("slash")} && document.activeElement.id`), "message");
    await page.close();
  });

  describe("with a model of our own", () => {
    let model: ReturnType<typeof createServer>;
    let own: TestGateway;
    /** What the model was sent last. */
    let asked = "";
    before(async () => {
      model = createServer((request, response) => {
        let body = "";
        request.on("data", (chunk) => {
          body += chunk;
        });
        request.on("end", () => {
          asked = body;
          const { messages } = JSON.parse(body);
          const { content } = messages.findLast((message: { role: string }) => message.role === "user");
          answer(
            typeof content === "string"
              ? content
              : content.map((part: { text?: string }) => part.text ?? "").join(""),
            response,
          );
        });
      });
      await once(model.listen(0, "127.0.0.1"), "listening");
      const baseUrl = `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`;
      own = await openGateway({
        config: {
          models: { providers: { own: { baseUrl, api: "openai-completions", apiKey: "SEC-key-own" } } },
          agents: {
            defaults: { model: { primary: "own/model" } },
            list: [{ id: "main", default: true }, { id: "research" }],
          },
        },
      });
    });
    after(async () => {
      await own?.[Symbol.asyncDispose]();
      model?.closeAllConnections();
      model?.close();
    });

    const delta = (content: string, finish: string | null = null) =>
      `data: ${JSON.stringify({ choices: [{ index: 0, delta: content === "" ? {} : { content }, finish_reason: finish }] })}\n\n`;
    function answer(asked: string, response: import("node:http").ServerResponse): void {
      if (asked.includes("refuse")) {
        response.writeHead(400, { "content-type": "application/json" });
        return void response.end('{"error":{"message":"The model is away."}}');
      }
      response.writeHead(200, { "content-type": "text/event-stream" });
      if (asked.includes("cut"))
        return void response.end(`${delta("half a")}${delta("", "length")}data: [DONE]\n\n`);
      if (asked.includes("silent")) return void response.end(`${delta("", "stop")}data: [DONE]\n\n`);
      if (asked.includes("many")) {
        for (let i = 0; i < 3_000; i++) response.write(delta(`w${i} `));
        return void response.end(`${delta("", "stop")}data: [DONE]\n\n`);
      }
      response.write(delta("Let me think"));
      response.once("close", () => model.emit("hung up"));
    }

    test("Stop ends the reply here, in the gateway and at the model; the words can be sent again", async () => {
      const page = await openChat(browser, own);
      await page.type("hello");
      await page.press("Enter");
      await page.until(`${lastAnswer}?.includes("Let me think")`);
      assert.match(await page.evaluate(`document.querySelector(".sessions li .fine").innerText`), /Working/);
      const hungUp = once(model, "hung up");
      await page.evaluate(`${el("stop")}.click()`);
      await hungUp;
      await page.until(`!${el("stop")} && document.querySelector(".ended")`);
      assert.match(await page.evaluate(shown("log")), /Let me think\s+Stopped\.[\s\S]*\s+Send again$/);
      await page.evaluate(`document.querySelector(".ended button").click()`);
      await page.until(
        `document.querySelectorAll(".said").length === 2 && ${lastAnswer}?.includes("Let me think") && ${el("stop")} && true`,
      );
      await page.reload();
      await page.until(`${el("stop")} && ${shown("log")}.includes("Working")`);
      await page.evaluate(`${el("stop")}.click()`);
      await page.until(`!${el("stop")}`);
      assert.deepEqual(page.console, []);
      await page.close();
    });

    const TROUBLES = [
      { say: "refuse", shows: /The model is away\.\s+Send again/ },
      { say: "cut", shows: /half a\s+Cut off: the reply reached its length limit/ },
      { say: "silent", shows: /incomplete turn detected/ },
    ];
    test("every kind of trouble has its words", async () => {
      const page = await openChat(browser, own);
      for (const { say, shows } of TROUBLES) {
        await page.evaluate(`${el("new-chat")}.click()`);
        await page.until(`${el("empty")} && document.querySelector("#log[aria-busy=false]") && true`);
        await page.evaluate(`${el("message")}.focus()`);
        await page.type(say);
        await page.press("Enter");
        const text = await page.until(
          `document.querySelectorAll(".said").length === 1 && !${el("stop")} && !document.querySelector(".working") && (document.querySelector(".ended") || document.querySelector(".answer")) && ${shown("log")}`,
        );
        assert.match(text, shows, say);
      }
      assert.equal(await page.evaluate(`document.querySelectorAll(".sessions li").length >= 3`), true);
      await page.evaluate(`${el("search")}.focus()`);
      await page.type("cut");
      await page.until(`document.querySelectorAll(".sessions li").length === 1`);
      await page.evaluate(`document.querySelector(".sessions li a").click()`);
      assert.match(
        await page.until(`${lastAnswer}?.includes("half") && ${shown("log")}`),
        /half a\s+Cut off/,
      );
      await page.close();
    });

    test("an image and a text file go along, by drop and by paste, and can be left out again", async () => {
      const page = await openChat(browser, own);
      await page.evaluate(`${el("new-chat")}.click()`);
      await page.until(`${el("empty")} && true`);
      const files = `const made = document.createElement("canvas"); made.width = made.height = 4;
        const blob = await new Promise((done) => made.toBlob(done));
        const data = new DataTransfer();`;
      const drop = `document.querySelector("#chat").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }))`;
      await page.evaluate(`(async () => { ${files}
        data.items.add(new File([blob], "dot.png", { type: "image/png" }));
        data.items.add(new File(["alpha\\nbeta"], "notes.txt", { type: "text/plain" }));
        data.items.add(new File([new Uint8Array([0, 1, 2])], "tool.exe"));
        ${drop}; })()`);
      assert.match(await page.until(shown("unfit")), /tool\.exe cannot go along/);
      await page.evaluate(`(async () => { ${files}
        data.items.add(new File([blob], "second.png", { type: "image/png" }));
        ${el("message")}.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })); })()`);
      await page.until(`document.querySelectorAll("#attached li").length === 3`);
      await page.evaluate(`document.querySelector("[aria-label='Leave out second.png']").click()`);
      await page.evaluate(`${el("message")}.focus()`);
      await page.type("cut");
      await page.press("Enter");
      await page.until(`${lastAnswer}?.includes("half a") && !document.querySelector(".working")`);
      assert.equal(await page.evaluate(`document.querySelector(".said img").naturalWidth`), 4);
      assert.match(
        await page.evaluate(`document.querySelector(".said .text").innerText`),
        /notes\.txt:\n```txt\nalpha\nbeta\n```/,
      );
      assert.ok(asked.includes("image_url") && asked.includes("alpha"), "the model got both");
      assert.deepEqual(page.console, []);
      await page.close();
    });

    test("several agents: the chosen one answers, and a link leads to its conversation", async () => {
      const page = await openChat(browser, own);
      await page.until(`${el("agent")}`.concat(" && true"));
      assert.deepEqual(await page.evaluate(`[...${el("agent")}.options].map((each) => each.text)`), [
        "main",
        "research",
      ]);
      await page.evaluate(
        `${el("agent")}.value = "research"; ${el("agent")}.dispatchEvent(new Event("change", { bubbles: true }))`,
      );
      await page.until(
        `location.hash === "#/chat/agent:research:main" && document.querySelector("#log[aria-busy=false]") && true`,
      );
      assert.match(await ask(page, "cut"), /^research\s+half a/);
      assert.ok(own.running.services.turns.store.find("agent:research:main"));
      await page.reload();
      await isOpen(page);
      assert.match(await page.until(lastAnswer), /^research\s+half a/);
      await page.close();
    });

    test("an answer in 3,000 pieces is whole, and who reads further up is not pulled down", async () => {
      const page = await openChat(browser, own);
      await page.evaluate(`${el("new-chat")}.click()`);
      await page.until(`${el("empty")} && true`);
      const text = await ask(page, "many");
      assert.match(text, /w0 w1 .* w2999\s*$/s);
      assert.ok(
        await page.evaluate(
          `${el("log")}.scrollHeight - ${el("log")}.scrollTop - ${el("log")}.clientHeight < 5`,
        ),
        "it followed",
      );
      await page.evaluate(`${el("log")}.scrollTop = 0`);
      await page.until(`document.querySelector(".newest") && true`);
      await page.evaluate(`${el("message")}.focus()`);
      await page.type("cut");
      await page.press("Enter");
      await page.until(`${el("announce")}.textContent === "half a" && !document.querySelector(".working")`);
      assert.equal(await page.evaluate(`${el("log")}.scrollTop`), 0);
      await page.evaluate(`document.querySelector(".newest").click()`);
      await page.until(`!document.querySelector(".newest") && ${lastAnswer}?.includes("half a")`);
      await page.close();
    });
  });
});
