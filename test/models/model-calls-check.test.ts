import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runDoctor } from "../kit/doctor.ts";
import { type Answer, json, openFaultModel, says } from "../kit/fault-model.ts";
import { openGateway } from "../kit/gateway.ts";
import { call } from "../kit/http.ts";
import { freePort } from "../kit/port.ts";
import { localConfig, makeState } from "../kit/state.ts";

const refused = json(400, {
  error: { message: "messages[0].content: invalid type: sequence, expected a string" },
});
/** Reads strings only, like some local servers. */
const plainTextOnly: Answer = (response, request) => {
  const lists = request.body.messages.some(({ content }: { content: unknown }) => Array.isArray(content));
  return (lists ? refused : says("read it"))(response, request);
};

test("[model-string-content] doctor --fix sets the switch, and then the model answers", async () => {
  await using model = await openFaultModel(plainTextOnly);
  using state = makeState(localConfig(await freePort(), model.config()));
  const picture = "data:image/png;base64,iVBORw0KGgo=";
  const content = [
    { type: "text", text: "what is this?" },
    { type: "image_url", image_url: { url: picture } },
  ];
  const ask = async () => {
    await using gateway = await openGateway({ state });
    const body = { model: "openclaw", messages: [{ role: "user", content }] };
    return await call({ port: gateway.port, path: "/v1/chat/completions", token: gateway.token, body });
  };
  assert.match((await ask()).json.error.message, /openclaw doctor --fix/);

  const found = await runDoctor(state, ["--fix"]);
  assert.partialDeepStrictEqual(found.repairs, [{ id: "model-string-content", outcome: "fixed" }]);
  assert.match(readFileSync(state.configPath, "utf8"), /"requiresStringContent": true/);
  assert.ok(!found.findings.some(({ id }) => id === "model-string-content"), "looked at again and gone");
  assert.equal((await ask()).json.choices[0].message.content, "read it");
});
