import assert from "node:assert/strict";
import { test } from "node:test";
import { runHere } from "../kit/command.ts";
import { idsOf, runDoctor } from "../kit/doctor.ts";
import { noNginx, openNginx } from "../kit/nginx.ts";
import { freePort } from "../kit/port.ts";
import { spawnGateway } from "../kit/process.ts";
import { localConfig, makeState, TOKEN } from "../kit/state.ts";
import { until } from "../kit/until.ts";
import { connectWire } from "../kit/wire.ts";

const FORWARD = "proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header Host $host:$server_port;";
const UPGRADE =
  'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";';

test("[proxy-untrusted-forwarded] doctor: a proxy nobody has told the gateway of; the fix it names mends it", {
  skip: noNginx,
}, async () => {
  using state = makeState(localConfig(await freePort()));
  await using gateway = await spawnGateway(state);
  await using proxy = await openNginx(gateway.port, FORWARD + UPGRADE);
  const models = () =>
    fetch(`http://127.0.0.1:${proxy.port}/v1/models`, { headers: { authorization: `Bearer ${TOKEN}` } });
  assert.equal((await fetch(`http://127.0.0.1:${proxy.port}/health`)).status, 200);
  assert.equal((await models()).status, 403);

  const seen = await runDoctor(state);
  const finding = seen.findings.find(({ id }) => id === "proxy-untrusted");
  assert.ok(finding, idsOf(seen).join());
  assert.match(finding.evidence.join(), /127\.0\.0\.1/);
  assert.equal(finding.fix, `openclaw config set gateway.trustedProxies '["127.0.0.1"]'`);

  const fix = ["config", "set", "gateway.trustedProxies", '["127.0.0.1"]'];
  assert.equal((await runHere(fix, state)).code, 0);
  await until("the proxy is trusted", async () => (await models()).status !== 403);
  assert.ok(!idsOf(await runDoctor(state)).includes("proxy-untrusted"));
});

test("doctor --deep: a proxy that does not pass the WebSocket upgrade on", { skip: noNginx }, async () => {
  const port = await freePort();
  using state = makeState();
  await using proxy = await openNginx(port, FORWARD);
  const origin = `http://127.0.0.1:${proxy.port}`;
  state.write(
    localConfig(port, {
      gateway: { trustedProxies: ["127.0.0.1"], controlUi: { allowedOrigins: [origin] } },
    }),
  );
  await using gateway = await spawnGateway(state);
  assert.equal(gateway.port, port);

  assert.ok(!idsOf(await runDoctor(state)).includes("websocket-blocked"), "it asks others only with --deep");
  const seen = await runDoctor(state, ["--deep"]);
  const finding = seen.findings.find(({ id }) => id === "websocket-blocked");
  assert.ok(finding, idsOf(seen).join());
  assert.match(finding.evidence.join(), new RegExp(`${origin}/health answers`));
  assert.ok(seen.durationMs < 2_000, `took ${seen.durationMs} ms`);
});

test("doctor --deep says nothing of a proxy that passes everything on", { skip: noNginx }, async () => {
  const port = await freePort();
  using state = makeState();
  await using proxy = await openNginx(port, FORWARD + UPGRADE);
  const allowedOrigins = [`http://127.0.0.1:${proxy.port}`];
  state.write(
    localConfig(port, { gateway: { trustedProxies: ["127.0.0.1"], controlUi: { allowedOrigins } } }),
  );
  await using _gateway = await spawnGateway(state);
  const ids = idsOf(await runDoctor(state, ["--deep"]));
  assert.ok(
    !ids.some((id) => ["websocket-blocked", "proxy-untrusted", "idle-timeout-short"].includes(id)),
    ids.join(),
  );
});

test("doctor: a proxy that cuts quiet connections after two seconds", { skip: noNginx }, async () => {
  const port = await freePort();
  using state = makeState(
    localConfig(port, {
      gateway: { trustedProxies: ["127.0.0.1"], controlUi: { allowedOrigins: ["http://127.0.0.1"] } },
    }),
  );
  await using _gateway = await spawnGateway(state);
  await using proxy = await openNginx(port, `${FORWARD}${UPGRADE}proxy_read_timeout 2s;`);
  const clients = await Promise.all([1, 2, 3].map(() => connectWire(proxy.port, { token: TOKEN })));
  assert.ok(!idsOf(await runDoctor(state)).includes("idle-timeout-short"));
  await Promise.all(clients.map((client) => client.closed));
  await until("the doctor sees it", async () => idsOf(await runDoctor(state)).includes("idle-timeout-short"));
  const seen = await runDoctor(state);
  const finding = seen.findings.find(({ id }) => id === "idle-timeout-short")!;
  assert.match(finding.evidence.join(), /after about 2 s of silence/);
  assert.match(`${finding.fix} ${finding.why}`, /proxy_read_timeout|keepalive|timeout/);
});
