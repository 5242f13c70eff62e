import assert from "node:assert/strict";
import { TOKEN } from "./state.ts";
import { connectWire, type WireClient, type WireFrame } from "./wire.ts";

export interface Sent {
  runId: string;
  sessionKey: string;
}

export interface TrafficInput {
  port: number;
  clients: number;
  /** Settles when the gateway is gone; clients then wait for nothing more. */
  gone: Promise<unknown>;
  /** Makes the next message of a client, in a session that only it uses. */
  next(client: number): Sent & { message: string };
  /** Told the moment the gateway has said that it has the message. */
  acknowledged(sent: Sent): void;
}

/** Clients that send message after message, each after the answer to the one before, until the gateway is gone. */
export async function chat({ port, clients, gone, next, acknowledged }: TrafficInput): Promise<void> {
  const over = gone.then(() => undefined);
  const unlessGone = <T>(promise: Promise<T>): Promise<T | undefined> =>
    Promise.race([promise.catch(() => undefined), over]);

  async function talk(index: number): Promise<void> {
    const connecting = connectWire(port, { token: TOKEN });
    void connecting.then((client) => over.then(() => client.socket.terminate())).catch(() => {});
    const client: WireClient | undefined = await unlessGone(connecting);
    while (client) {
      const { runId, sessionKey, message } = next(index);
      const asked = client.request("chat.send", { sessionKey, message, idempotencyKey: runId });
      const answer: WireFrame | undefined = await unlessGone(asked);
      if (!answer) return;
      assert.equal(answer.ok, true, JSON.stringify(answer.error));
      acknowledged({ runId, sessionKey });
      if (!(await unlessGone(client.request("agent.wait", { runId, timeoutMs: 5_000 })))) return;
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, index) => talk(index)));
}
