import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { type Browser, noBrowser, openBrowser } from "../kit/browser.ts";
import { openGateway, type TestGateway } from "../kit/gateway.ts";
import { openMute } from "../kit/mute-proxy.ts";
import { noNginx, openNginx } from "../kit/nginx.ts";
import { localConfig } from "../kit/state.ts";
import { ask, baseOf, el, FAST_CLOCK, isOpen, openChat, shown } from "../kit/ui.ts";
import { connectWire, type WireClient } from "../kit/wire.ts";

/** As nginx passes on a visitor from elsewhere. */
const FORWARD = `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
  proxy_set_header X-Forwarded-For 203.0.113.7;`;
const SAME_HOST = "proxy_set_header Host $http_host;";
const gateKind = `${el("gate")}?.dataset.kind`;

describe("the Control UI connects", { skip: noBrowser }, () => {
  let gateway: TestGateway;
  let owner: WireClient;
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
    gateway = await openGateway({ config: { gateway: { trustedProxies: ["127.0.0.1"] } } });
    owner = await connectWire(gateway.port, { token: gateway.token, scopes: ["operator.admin"] });
  });
  after(async () => {
    owner?.[Symbol.dispose]();
    await browser?.close();
    await gateway?.[Symbol.asyncDispose]();
  });

  test("[ui-4008-connect-failed] [ui-4008-console] a wrong token is explained; the right one, typed, is kept for this tab", async () => {
    const page = await browser.open(`${baseOf(gateway)}#token=wrong`);
    assert.match(await page.until(shown("gate")), /did not accept this token.*openclaw dashboard/s);
    assert.match(
      await page.evaluate(shown("gate-banner")),
      /^disconnected \(4008\): connect failed — unauthorized: gateway token mismatch/,
    );
    assert.equal(await page.evaluate("location.href"), baseOf(gateway), "the fragment is gone");
    const { logged } = page;
    assert.ok(
      logged.some((line: string) => line.startsWith("WebSocket closed with code 4008: connect failed")),
      logged.join("\n"),
    );
    assert.ok(
      logged.some((line: string) => line.startsWith("gateway closed with 1008: unauthorized")),
      "the gateway's own code",
    );
    await page.type(gateway.token);
    await page.press("Enter");
    await isOpen(page);
    await page.reload();
    await isOpen(page);
    await page.close();
  });

  test("without a token the page asks for it; one in a fresh fragment is taken", async () => {
    const page = await browser.open(baseOf(gateway));
    assert.equal(await page.until(gateKind), "secret-missing");
    assert.doesNotMatch(await page.evaluate(shown("gate")), /did not accept|disconnected/);
    await page.evaluate(`location.hash = "token=caf\u00e9"`);
    await page.until(`${gateKind} === "secret-wrong"`);
    await page.evaluate(`location.hash = "token=${gateway.token}"`);
    await isOpen(page);
    assert.equal(await page.evaluate("location.hash"), "");
    await page.close();
  });

  test("a paired browser needs no token, keeps a key no script can read, and an old link does not lock it out", async () => {
    const page = await openChat(browser, gateway);
    const other = await page.another(baseOf(gateway));
    await isOpen(other);
    const old = await page.another(`${baseOf(gateway)}#token=old`);
    await isOpen(old);
    assert.match(await old.until(shown("banners")), /came in by its own pairing/);
    const key = `new Promise((done) => { const open = indexedDB.open("openclaw", 1);
      open.onsuccess = () => { const get = open.result.transaction("device").objectStore("device").get("key");
        get.onsuccess = () => done(get.result.privateKey); }; })`;
    assert.equal(await page.evaluate(`${key}.then((key) => key.extractable)`), false);
    assert.match(
      await page.evaluate(`${key}.then((key) => crypto.subtle.exportKey("pkcs8", key)).catch(String)`),
      /not extractable/,
    );
    assert.doesNotMatch(await page.evaluate("JSON.stringify(localStorage)"), new RegExp(gateway.token));
    for (const each of [page, other, old]) await each.close();
  });

  test("[devtok-ui-4008] [devtok-websocket-failed] a rotated device token is told, and the gateway's token mends it", async () => {
    const page = await openChat(browser, gateway);
    await page.evaluate("sessionStorage.clear()");
    await page.reload();
    await isOpen(page);
    const { deviceId } = await page.evaluate(
      `JSON.parse(Object.entries(localStorage).find(([key]) => key.startsWith("openclaw.device.auth"))[1])`,
    );
    const { ok } = await owner.request("device.token.rotate", { deviceId, role: "operator" });
    assert.equal(ok, true);
    await page.until(`${gateKind} === "device-token"`);
    assert.equal(
      await page.evaluate(shown("gate-banner")),
      "disconnected (4008): connect failed — device token mismatch",
    );
    assert.match(await page.evaluate(shown("gate")), /openclaw doctor --fix && openclaw restart/);
    assert.deepEqual(page.console, ["WebSocket connection failed: device token mismatch"]);
    await page.type(gateway.token);
    await page.press("Enter");
    await isOpen(page);
    await page.close();
  });

  test("[devtok-identity-rejected] a signature that does not hold is told as that", async () => {
    const page = await browser.open(`${baseOf(gateway)}#token=${gateway.token}`, {
      before: `{ const { sign } = SubtleCrypto.prototype; SubtleCrypto.prototype.sign = function (how, key) { return sign.call(this, how, key, new Uint8Array(1)); }; }`,
    });
    assert.equal(await page.until(gateKind), "identity");
    assert.equal(await page.evaluate(shown("gate-banner")), "disconnected (4008): device identity rejected");
    assert.match(await page.evaluate(shown("gate")), /openclaw devices list.*device signature invalid/s);
    await page.close();
  });

  test("[pair-approve-to-connect] [pair-new-device-waiting] a browser from elsewhere waits, and goes on when its owner says yes", {
    skip: noNginx,
  }, async () => {
    await using proxy = await openNginx(gateway.port, FORWARD + SAME_HOST);
    const page = await browser.open(`${baseOf(proxy)}#token=${gateway.token}`);
    assert.equal(await page.until(gateKind), "pairing");
    const text = await page.evaluate(shown("gate"));
    assert.match(text, /new device detected — waiting for approval/);
    assert.match(text, /device not paired — approve this device to connect/);
    const [, requestId] = /openclaw devices approve (\S+)/.exec(text)!;
    await page.reload();
    assert.match(
      await page.until(shown("gate")),
      new RegExp(requestId!),
      "loaded again it still waits, with the same request",
    );
    assert.equal((await owner.request("device.pair.approve", { requestId })).ok, true);
    await isOpen(page);
    await page.evaluate("sessionStorage.clear()");
    await page.reload();
    await isOpen(page);
    assert.deepEqual(page.console, []);
    await page.close();
  });

  test("a page under an address the gateway does not know says which setting allows it, and that is right", {
    skip: noNginx,
  }, async () => {
    await using own = await openGateway({ config: { gateway: { trustedProxies: ["127.0.0.1"] } } });
    await using proxy = await openNginx(own.port, `${FORWARD} proxy_set_header Host gateway.example;`);
    const page = await browser.open(`${baseOf(proxy)}#token=${own.token}`);
    assert.equal(await page.until(gateKind), "origin");
    const origin = `http://127.0.0.1:${proxy.port}`;
    const text = await page.evaluate(shown("gate"));
    assert.ok(text.includes(`openclaw config set gateway.controlUi.allowedOrigins '["${origin}"]'`), text);
    const config = localConfig(1, {
      gateway: { trustedProxies: ["127.0.0.1"], controlUi: { allowedOrigins: [origin] } },
    });
    writeFileSync(own.state.configPath, JSON.stringify(config));
    await page.until(`${gateKind} !== "origin" || document.querySelector("#gate > button").click()`);
    assert.equal(await page.until(gateKind), "pairing");
    await page.close();
  });

  test("on an insecure origin there is no key, unless its owner allows a plain one", async () => {
    const config = (allowInsecureAuth: boolean) => ({
      config: { gateway: { controlUi: { allowInsecureAuth, allowedOrigins: ["http://openclaw.test"] } } },
    });
    await using strict = await openGateway(config(false));
    const refused = await browser.open(`http://openclaw.test:${strict.port}/#token=${strict.token}`);
    assert.equal(await refused.until(gateKind), "insecure");
    assert.match(
      await refused.evaluate(shown("gate")),
      /openclaw config set gateway\.controlUi\.allowInsecureAuth true/,
    );
    await refused.close();
    await using lax = await openGateway(config(true));
    const page = await browser.open(`http://openclaw.test:${lax.port}/#token=${lax.token}`);
    assert.equal(await page.evaluate("isSecureContext"), false);
    await isOpen(page);
    assert.match(await ask(page, "say 3 words"), /one small lobster/);
    await page.evaluate("sessionStorage.clear()");
    await page.reload();
    await isOpen(page);
    await page.close();
  });

  test("too many wrong tokens: the page counts down and then lets the right one in", async () => {
    await using strict = await openGateway({
      config: {
        gateway: {
          auth: {
            mode: "token",
            token: "SEC-token-3f9a1c77d2",
            rateLimit: { maxAttempts: 1, windowMs: 60_000, lockoutMs: 5_000 },
          },
        },
      },
    });
    const page = await browser.open(`${baseOf(strict)}#token=wrong`);
    await page.until(`${gateKind} === "secret-wrong" && document.activeElement.tagName === "INPUT"`);
    await page.type(strict.token);
    await page.press("Enter");
    await page.until(`${gateKind} === "locked"`);
    assert.match(await page.evaluate(shown("gate")), /Try again in [1-5] s/);
    await isOpen(page);
    await page.close();
  });

  test("a page of another protocol is told to load again", async () => {
    const page = await browser.open(`${baseOf(gateway)}#token=${gateway.token}`, {
      before: `{ const { send } = WebSocket.prototype; WebSocket.prototype.send = function (text) { return send.call(this, text.replace('"minProtocol":4,"maxProtocol":4', '"minProtocol":9,"maxProtocol":9')); }; }`,
    });
    assert.equal(await page.until(gateKind), "version");
    assert.match(
      await page.evaluate(shown("gate")),
      /disconnected \(4008\): connect failed — protocol mismatch.*Reload this page/s,
    );
    await page.close();
  });

  test("[ui-connect-timeout] a proxy that holds back every frame: timed out before hello, and the proxy named", async () => {
    await using mute = await openMute(gateway.port, "mute");
    const page = await browser.open(`${baseOf(mute)}#token=${gateway.token}`, { before: FAST_CLOCK });
    assert.match(
      await page.until(shown("away")),
      /disconnected \(4008\): connect failed — timed out.*proxy_read_timeout/s,
    );
    await page.close();
  });

  test("[ui-connect-timeout] a line that falls silent: tick timeout; one that is cut: 1006; each connects again", async () => {
    await using mute = await openMute(gateway.port);
    const page = await browser.open(`${baseOf(mute)}#token=${gateway.token}`, { before: FAST_CLOCK });
    await isOpen(page);
    mute.hush();
    assert.match(await page.until(shown("away")), /disconnected \(4000\): tick timeout.*proxy/s);
    mute.speak();
    await isOpen(page);
    mute.cut();
    assert.match(await page.until(shown("away")), /disconnected \(1006\): /);
    await isOpen(page);
    await page.close();
  });
});
