import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Browser, noBrowser, openBrowser } from "../kit/browser.ts";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { LONG } from "../kit/long.ts";
import { ANSWERS, ask, el, openChat } from "../kit/ui.ts";
import { until } from "../kit/until.ts";

const lastAnswer = `${ANSWERS}.at(-1)?.innerText`;

describe("conversations in the Control UI", { skip: noBrowser }, () => {
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

  function fill(name: string, messages: number): void {
    const { store } = gateway.running.services.turns;
    const session = store.ensure({ text: `agent:main:${name}`, agentId: "main", rest: name });
    store.database.exec("BEGIN");
    for (let at = 0; at < messages; at++) {
      const text = `n${at} ${"word ".repeat(((at * 7) % 90) + 1)}`;
      const role = at % 2 ? "assistant" : "user";
      store.append(session, { role, content: [{ type: "text", text }], timestamp: at }, `run-${at >> 1}`);
    }
    store.database.exec("COMMIT");
  }

  test("a long conversation is drawn in part, keeps its place while it is read backwards, and finds its end again", async () => {
    const messages = LONG ? 100_000 : 1_200;
    fill("long", messages);
    const page = await openChat(browser, gateway);
    await page.evaluate(`location.hash = "#/chat/agent:main:long"`);
    const atEnd = `${lastAnswer}?.includes("n${messages - 1} ")`;
    await page.until(atEnd);
    const before = await page.heapBytes();
    const drawn = await page.evaluate(`new Promise((done) => {
      const log = ${el("log")};
      let most = 0;
      let steps = 0;
      (function up() {
        const turns = document.querySelectorAll("#log .turn");
        most = Math.max(most, turns.length);
        if (Number(/n(\\d+) /.exec(turns[0].textContent)[1]) < ${messages - 1_000}) return done(most);
        if (steps++ > 3000) return done("it does not get there");
        log.scrollTop -= 1200;
        setTimeout(up, 16);
      })();
    })`);
    assert.ok(drawn < 80, `${drawn} turns at once`);
    const moved = await page.evaluate(`new Promise((done) => {
      const log = ${el("log")};
      const tops = () => new Map([...document.querySelectorAll("#log .turn")].map((each) => [each, each.getBoundingClientRect().top]));
      let worst = 0;
      let steps = 12;
      (function step() {
        log.scrollTop -= 250;
        const before = tops();
        setTimeout(() => {
          for (const [turn, top] of tops()) if (before.has(turn) && top > 0 && top < 600) worst = Math.max(worst, Math.abs(top - before.get(turn)));
          if (steps-- > 0) step(); else done(worst);
        }, 20);
      })();
    })`);
    assert.ok(moved <= 2, `what is seen moved by ${moved} px`);
    const grown = (await page.heapBytes()) - before;
    assert.ok(grown < 4_000_000, `${grown} bytes more`);
    await page.evaluate(`new Promise((done) => {
      const log = ${el("log")};
      let steps = 0;
      (function down() {
        log.scrollTop += 3000;
        if (${atEnd} || steps++ > 3000) done(); else setTimeout(down, 16);
      })();
    })`);
    await page.until(atEnd);
    await page.evaluate(`${el("log")}.scrollTop -= 20000`);
    await page.until(
      `((button) => button ? (button.click(), true) : void (${el("log")}.scrollTop -= 5000))(document.querySelector(".newest"))`,
    );
    await page.until(atEnd);
    assert.deepEqual(page.console, []);
    await page.close();
  });

  test("5,000 pieces of an answer leave the memory as it was", async () => {
    const page = await openChat(browser, gateway);
    await page.evaluate(`location.hash = "#/chat/agent:main:pieces"`);
    await page.until(`${el("empty")} && true`);
    const { broadcast } = gateway.running.services;
    const identity = { runId: "pieces", sessionKey: "agent:main:pieces" };
    let seq = 0;
    const tell = (stream: string, data: object) =>
      broadcast.turn("agent", { ...identity, originConnId: undefined }, () => ({
        ...identity,
        stream,
        data,
        seq: ++seq,
      }));
    let text = "";
    const heap: number[] = [];
    for (let piece = 1; piece <= 5_000; piece++) {
      text += piece % 40 === 0 ? `.${piece}\n\n` : "x ";
      tell("assistant", { itemId: "a", text, delta: "" });
      if (piece % 200 === 0) await page.until(`${lastAnswer}?.includes(".${piece}")`);
      if (piece === 400 || piece === 5_000) heap.push(await page.heapBytes());
    }
    assert.ok(heap[1]! - heap[0]! < 1_500_000, `${heap.join(" → ")} bytes`);
    await page.close();
  });

  test("who jumps faster than is drawn still sees messages, and is not taken to the beginning", async () => {
    fill("jumps", 1_000);
    const page = await openChat(browser, gateway);
    await page.evaluate(`location.hash = "#/chat/agent:main:jumps"`);
    await page.until(`${lastAnswer}?.includes("n999 ")`);
    const log = el("log");
    // Twice within one frame: the first event of it already finds nothing that was drawn in sight.
    await page.evaluate(`{ ${log}.scrollTop = 6_000; ${log}.scrollTop = 0; }`);
    const seen = `[...document.querySelectorAll("#log .turn")].filter((each) => {
      const { top, bottom } = each.getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    })`;
    const quiet = `new Promise((done) => { let last = ""; (function look() {
      const now = ${log}.scrollTop + ":" + ${log}.scrollHeight;
      if (now === last) done(true); else { last = now; setTimeout(look, 300); }
    })(); })`;
    await page.until(quiet);
    assert.ok((await page.evaluate(`${seen}.length`)) > 0, "the page is blank");
    const first = await page.evaluate(`Number(/n(\\d+) /.exec(${seen}[0].textContent)[1])`);
    assert.ok(first > 600, `taken to n${first}`);
    await page.close();
  });

  test("conversations are renamed, pinned, archived and deleted; a session's model is chosen", async () => {
    const page = await openChat(browser, gateway);
    const key = "agent:main:mine";
    await page.evaluate(`location.hash = "#/chat/${key}"`);
    await page.until(`${el("empty")} && document.querySelector("#log[aria-busy=false]") && true`);
    await ask(page, "say 3 words");
    const row = `document.querySelector('[data-session="${key}"]')`;
    /** Once it is drawn. */
    const click = (node: string) => page.until(`((node) => node && (node.click(), true))(${node})`);
    const press = (text: string) =>
      click(
        `[...${row}.querySelectorAll("button")].find((each) => each.innerText === ${JSON.stringify(text)})`,
      );
    // What was done closes them when its answer comes, which may be after the event that draws it.
    const openChoices = () => click(`${row}.querySelector(".more[aria-expanded=false]")`);
    await page.until(`${row} && true`);
    await openChoices();
    await press("Rename");
    await page.until(`document.activeElement === ${row}.querySelector("input")`);
    await page.type("<b>Mine</b>");
    await page.press("Enter");
    await page.until(`${row}.querySelector(".title").innerText === "<b>Mine</b>"`);
    assert.equal(await page.evaluate(`document.querySelector("#chat-head h2").innerText`), "<b>Mine</b>");
    await page.evaluate(
      `${el("thinking")}.value = "high"; ${el("thinking")}.dispatchEvent(new Event("change", { bubbles: true }))`,
    );
    await until(
      "the choice is kept",
      () => gateway.running.services.turns.store.find(key)?.settings.thinkingLevel === "high",
    );
    await openChoices();
    await press("Pin");
    await page.until(`${row}.innerText.includes("pinned")`);
    assert.equal(
      await page.evaluate(`document.querySelector(".sessions li").dataset.session`),
      key,
      "on top",
    );
    await openChoices();
    await press("Archive");
    await page.until(`!${row}`);
    await page.evaluate(`${el("archived")}.click()`);
    await page.until(`${row} && true`);
    await openChoices();
    await press("Delete");
    await press("Delete for good");
    await page.until(`!${row} && location.hash === "#/chat"`);
    assert.equal(gateway.running.services.turns.store.find(key), undefined);
    assert.deepEqual(page.console, []);
    await page.close();
  });
});
