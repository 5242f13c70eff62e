import assert from "node:assert/strict";
import { test } from "node:test";
import type { Channel, ChannelAccount, ConnectInput, Connection } from "../../src/channels/channel.ts";
import { ChannelFault } from "../../src/channels/channel.ts";
import type { InboundMessage } from "../../src/channels/inbound.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { nullLog } from "../../src/platform/log.ts";
import { until } from "../kit/until.ts";

/** A platform of a test's own that behaves like the real one, and a channel set up for it. */
export interface ChannelFixture extends AsyncDisposable {
  channel: Channel;
  /** The section of the config that leads to the platform. */
  section: Record<string, unknown>;
  /** Somebody writes to the bot in a direct chat. */
  say(text: string): Promise<void>;
  /** Where the bot answers them. */
  chatId: string;
  /** A chat the platform does not have, or does not let the bot write to. */
  noSuchChat: string;
  /** Texts of the bot that people see, in order. */
  seen(): readonly string[];
  /** The credential is refused from now on. */
  refuseCredential(): Promise<void> | void;
  /** The platform ends every connection; new ones work. */
  dropConnections(): Promise<void> | void;
}

/** One connection outside of the supervisor, which is what the contract is about. */
async function connect(
  { channel, section }: ChannelFixture,
  options: {
    account?: ChannelAccount;
    receive?: (message: InboundMessage) => Promise<void>;
    memory?: Map<string, string>;
  } = {},
) {
  const abort = new AbortController();
  const received: InboundMessage[] = [];
  let proofs = 0;
  const memory = options.memory ?? new Map<string, string>();
  const account = options.account ?? channel.accounts(section, {})[0]!;
  const input: ConnectInput = {
    account,
    clock: systemClock,
    log: nullLog(),
    signal: abort.signal,
    onProof: () => void proofs++,
    receive:
      options.receive ??
      (async (message) => {
        received.push(message);
      }),
    recall: (key) => memory.get(key),
    remember: (key, value) => void memory.set(key, value),
  };
  const connection: Connection = await channel.connect(input);
  return {
    connection,
    received,
    proofs: () => proofs,
    abort,
    memory,
    async [Symbol.asyncDispose]() {
      abort.abort(new Error("the test is over"));
      await connection[Symbol.asyncDispose]();
    },
  };
}

const never = () => new AbortController().signal;
const outgoing = (chatId: string, text: string) => ({ clientId: `c-${text}`, chatId, text, plain: text });

/** Every channel passes it, against a platform and not against functions that pretend to be one. */
export function channelContract(name: string, open: () => Promise<ChannelFixture>): void {
  const contract = (what: string, body: (fixture: ChannelFixture) => Promise<void>) =>
    test(`${name}: ${what}`, async () => {
      await using fixture = await open();
      await body(fixture);
    });

  contract("says who it is, proves itself and brings what people write", async (fixture) => {
    await using open = await connect(fixture);
    assert.ok(open.connection.self.id.length > 0 && open.connection.self.name.length > 0);
    assert.ok(open.connection.proofWithinMs > 0);
    await until("the first proof", () => open.proofs() > 0);
    await fixture.say("hello there");
    await until("the message", () => open.received.length > 0);
    const [message] = open.received;
    assert.equal(message!.text, "hello there");
    assert.equal(message!.chat.kind, "direct");
    assert.equal(message!.chat.id, fixture.chatId);
    assert.ok(message!.messageId && message!.sender.id);
    assert.equal(message!.sender.isBot, false);
  });

  contract("a message that was sent has the platform's id and is there once", async (fixture) => {
    await using open = await connect(fixture);
    await fixture.say("hello");
    await until("the message", () => open.received.length > 0);
    const result = await open.connection.send(outgoing(fixture.chatId, "an answer"), never());
    assert.equal(result.kind, "sent", JSON.stringify(result));
    assert.ok(result.kind === "sent" && result.messageId !== "");
    await until("people see it", () => fixture.seen().length > 0);
    assert.deepEqual(fixture.seen(), ["an answer"]);
  });

  contract("answers and does not throw when the platform says no", async (fixture) => {
    await using open = await connect(fixture);
    const result = await open.connection.send(outgoing(fixture.noSuchChat, "hi"), never());
    assert.equal(result.kind, "refused", JSON.stringify(result));
    assert.ok(result.kind === "refused" && result.message.length > 0);
    assert.deepEqual(fixture.seen(), []);
  });

  contract(
    "a send that is given up ends at once and says that nobody knows, or that it was not sent",
    async (fixture) => {
      await using open = await connect(fixture);
      const abort = new AbortController();
      abort.abort(new Error("given up"));
      const result = await open.connection.send(outgoing(fixture.chatId, "late"), abort.signal);
      assert.ok(["unknown", "failed", "sent"].includes(result.kind), JSON.stringify(result));
    },
  );

  contract("a message that could not be stored ends the connection or comes again", async (fixture) => {
    let refusals = 0;
    await using open = await connect(fixture, {
      receive: async () => {
        refusals++;
        throw new Error("disk full");
      },
    });
    const ended = open.connection.closed.then((fault) => fault.kind);
    await fixture.say("keep this");
    await until("it was handed over", () => refusals > 0);
    assert.equal(typeof (await ended), "string");
  });

  contract("a refused credential is said to be one", async (fixture) => {
    await fixture.refuseCredential();
    const thrown = await connect(fixture).then(
      async (open) => {
        const fault = await open.connection.closed;
        await open[Symbol.asyncDispose]();
        return fault;
      },
      (error: unknown) => error,
    );
    assert.ok(thrown instanceof ChannelFault, String(thrown));
    assert.equal(thrown.kind, "auth", thrown.message);
    for (const secret of fixture.channel.accounts(fixture.section, {})[0]!.secrets)
      assert.ok(!thrown.message.includes(secret), "the secret is in the message");
  });

  contract("a connection the platform ends says so, and a new one works", async (fixture) => {
    const memory = new Map<string, string>();
    {
      await using open = await connect(fixture, { memory });
      await until("the first proof", () => open.proofs() > 0);
      await fixture.dropConnections();
      assert.ok((await open.connection.closed) instanceof ChannelFault);
    }
    await using again = await connect(fixture, { memory });
    await fixture.say("still there?");
    await until("the message", () => again.received.some(({ text }) => text === "still there?"));
  });

  contract("ends with its signal, and can be closed twice", async (fixture) => {
    const open = await connect(fixture);
    open.abort.abort(new Error("stop"));
    await open.connection[Symbol.asyncDispose]();
    await open.connection[Symbol.asyncDispose]();
  });

  contract("parts stay within the limit and close the code they open", async ({ channel }) => {
    const { maxTextLength } = channel.capabilities;
    const code = `Look:\n\n\`\`\`js\n${"const a = 1;\n".repeat(Math.ceil((2.5 * maxTextLength) / 13))}\`\`\`\n\nDone.`;
    const parts = channel.format(code);
    assert.ok(parts.length >= 2);
    for (const { text, plain } of parts) {
      assert.ok(text.length > 0 && plain.length > 0);
      assert.ok(plain.length <= maxTextLength, `${plain.length} > ${maxTextLength}`);
    }
    assert.deepEqual(channel.format(""), []);
    assert.equal(channel.format("plain words").length, 1);
  });

  contract(
    "settings that cannot run say what is missing and how to mend it",
    async ({ channel, section }) => {
      const [account] = channel.accounts(section, {});
      assert.ok(account && account.missing === undefined);
      for (const secret of account.secrets)
        assert.ok(!account.fingerprint.includes(secret), "a secret is in the fingerprint");
      const [again] = channel.accounts(structuredClone(section), {});
      assert.equal(again!.fingerprint, account.fingerprint);
      const off = channel.accounts({ ...section, enabled: false }, {});
      assert.ok(off.every(({ enabled }) => !enabled));
      for (const { missing } of channel.accounts({}, {})) {
        if (missing) assert.match(missing.fix, /^openclaw |^export /);
      }
    },
  );

  contract("a probe says that it works, and what is wrong where it does not", async (fixture) => {
    const { channel, section } = fixture;
    const account = channel.accounts(section, {})[0]!;
    const input = { clock: systemClock, log: nullLog(), signal: never() };
    const well = await channel.probe(account, input);
    assert.deepEqual([well.ok, well.summary], [true, "works"], JSON.stringify(well));
    await fixture.refuseCredential();
    const ill = await channel.probe(account, input);
    assert.equal(ill.ok, false);
    assert.notEqual(ill.summary, "works");
  });
}
