import { randomUUID } from "node:crypto";
import { Fault } from "../../../platform/fault.ts";
import { GatewayError } from "../../../protocol/errors.ts";
import { clientOptions } from "../../client-options.ts";
import { defineCommand } from "../../command.ts";

export default defineCommand({
  summary: "Send a message to somebody in a chat app",
  options: {
    channel: {
      type: "string",
      placeholder: "id",
      required: true,
      summary: "which chat app, such as telegram",
    },
    target: { type: "string", placeholder: "id", required: true, summary: "the person or group" },
    message: { type: "string", alias: "m", required: true, summary: "what to say" },
    account: { type: "string", placeholder: "id", summary: "which account of the channel" },
    ...clientOptions,
  },
  examples: ["openclaw message send --channel telegram --target 12345 --message hello"],
  async run({ channel, target, message, account }, { call }) {
    const request = {
      channel,
      action: "send",
      params: { to: target, message },
      ...(account !== undefined && { accountId: account }),
      idempotencyKey: randomUUID(),
    };
    return await call("message.action", request, { scopes: ["operator.write"], surface: "message" }).catch(
      (error: unknown) => {
        if (!(error instanceof GatewayError) || !error.message.startsWith("unknown method")) throw error;
        throw new Fault(`the message was not sent: this gateway has no channel "${channel}"`, {
          why: "it is of a version without chat channels",
          fix: "openclaw update status",
          cause: error,
        });
      },
    );
  },
  render: (sent, { io }) => io.out(`Sent: ${JSON.stringify(sent)}`),
});
