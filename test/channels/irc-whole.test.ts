import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { type FaultModel, openFaultModel, says } from "../kit/fault-model.ts";
import { openGateway } from "../kit/gateway.ts";
import { type IrcPerson, openIrcPerson } from "../kit/irc-person.ts";
import { LONG } from "../kit/long.ts";
import { type Ngircd, noNgircd, openNgircd } from "../kit/ngircd.ts";
import { freePort } from "../kit/port.ts";
import { type GatewayProcess, spawnGateway } from "../kit/process.ts";
import { localConfig, makeState, type StateFolder } from "../kit/state.ts";
import { until } from "../kit/until.ts";

const MESSAGES = LONG ? 200 : 40;
const ROOM = "#room";

/** Answers "m7" with "re m7" while its gate is open; calls wait at a closed one. */
async function openEcho(): Promise<
  { model: FaultModel; close(): void; open(): void; waiting(): number } & AsyncDisposable
> {
  let gate = Promise.withResolvers<void>();
  let waiting = 0;
  gate.resolve();
  const model = await openFaultModel(async (response, request) => {
    const asked = JSON.stringify(request.body.messages.at(-1)).match(/\bm\d+\b/)?.[0] ?? "nothing";
    waiting++;
    await gate.promise;
    waiting--;
    await says(`re ${asked}`)(response, request);
  });
  return {
    model,
    close() {
      gate = Promise.withResolvers();
    },
    open: () => gate.resolve(),
    waiting: () => waiting,
    [Symbol.asyncDispose]: () => model[Symbol.asyncDispose](),
  };
}

function stateFor(server: Ngircd, model: FaultModel, port: number): StateFolder {
  return makeState(
    localConfig(port, {
      ...model.config(),
      channels: {
        irc: {
          host: "127.0.0.1",
          port: server.port,
          tls: false,
          nick: "bot",
          channels: [ROOM],
          groups: { [ROOM]: {} },
          flood: { burst: 100, linesPerSecond: 500 },
          rateLimit: { perMinute: 100_000, burst: 100_000 },
        },
      },
    }),
  );
}

/** Two people in the channel; what they have heard of the bot outlives their connections. */
class People {
  room: string[] = [];
  direct: string[] = [];
  ann!: IrcPerson;
  ben!: IrcPerson;
  readonly server: Ngircd;

  constructor(server: Ngircd) {
    this.server = server;
  }

  async comeIn(): Promise<void> {
    this.leave();
    [this.ann, this.ben] = await Promise.all([
      openIrcPerson(this.server.port, "ann"),
      openIrcPerson(this.server.port, "ben"),
    ]);
    for (const one of [this.ann, this.ben]) await one.join(ROOM);
  }

  leave(): void {
    if (!this.ann) return;
    this.take();
    this.ann[Symbol.dispose]();
    this.ben[Symbol.dispose]();
  }

  /** Moves what was heard to the lists. */
  take(): void {
    for (const line of this.ann.heard.splice(0)) {
      const [nick, target, ...text] = line.split(" ");
      if (nick === "bot") (target === ROOM ? this.room : this.direct).push(text.join(" "));
    }
  }

  sees = () => this.ann.sees("bot", ROOM);

  /** Until the bot has said so much in both chats. */
  async hear(count: number): Promise<void> {
    await until(`${count} answers`, () => {
      this.take();
      return this.room.length + this.direct.length >= count;
    });
  }

  [Symbol.dispose](): void {
    this.leave();
  }
}

test("two people and the bot on a real server: pairing, mentions, the server and the gateway killed; every message answered once, in order [chan-pairing-request] [chan-mention-required]", {
  skip: noNgircd,
}, async () => {
  await using server = await openNgircd();
  await using echo = await openEcho();
  using state = stateFor(server, echo.model, await freePort());
  using people = new People(server);
  await people.comeIn();
  await pairAndMention(state, people, echo.model);
  await everythingAnswered(state, server, people, echo);
});

async function pairAndMention(state: StateFolder, people: People, model: FaultModel): Promise<void> {
  await using gateway = await openGateway({ state });
  await people.sees();
  people.ann.say("bot", "m1");
  await until("the code came", () => people.ann.heard.some((line) => line.includes("pairing approve irc")));
  const code = /pairing approve irc ([A-Z0-9]{8})/.exec(people.ann.heard.join("\n"))![1]!;
  assert.ok(people.ann.heard.some((line) => line.includes("OpenClaw: access not configured.")));
  const desk = await gateway.running.services.channels.open();
  assert.equal(desk.senders.approve("irc", code).kind, "approved");
  people.ann.heard.length = 0;
  people.ben.say(ROOM, "m2 is for everybody");
  people.ben.say(ROOM, "robot: m3 is for it");
  people.ben.say("bot", "m4 from somebody who is not paired");
  people.ben.say(ROOM, "bot: m5");
  people.ann.say("bot", "m6");
  await people.hear(2);
  assert.deepEqual([people.room, people.direct], [["re m5"], ["re m6"]]);
  assert.equal(model.requests.length, 2);
  const log = gateway.console.join("\n");
  assert.match(log, /\[irc\].*mention required/);
  assert.match(log, /\[irc\].*pairing request from ben!~ben@\S+ \(ben\)/);
  people.room.length = 0;
  people.direct.length = 0;
}

/** Messages the gateway has on disk, whatever becomes of them. */
function accepted(state: StateFolder): number {
  const database = new DatabaseSync(join(state.dir, "data/sessions.sqlite"), { readOnly: true });
  try {
    return Number(database.prepare("SELECT count(*) AS n FROM inbox").get()!.n);
  } finally {
    database.close();
  }
}

async function everythingAnswered(
  state: StateFolder,
  server: Ngircd,
  people: People,
  echo: Awaited<ReturnType<typeof openEcho>>,
): Promise<void> {
  let gateway: GatewayProcess = await spawnGateway(state);
  try {
    await people.sees();
    const before = accepted(state);
    const asked: { room: string[]; direct: string[] } = { room: [], direct: [] };
    let said = 0;
    const say = (count: number) => {
      for (let one = 0; one < count; one++, said++) {
        const text = `m${said + 100}`;
        if (said % 3 === 2) people.ann.say("bot", text);
        else people[said % 3 === 0 ? "ann" : "ben"].say(ROOM, `bot: ${text}`);
        asked[said % 3 === 2 ? "direct" : "room"].push(`re ${text}`);
      }
    };
    /** Some are answered, some are on disk and wait, when `fault` happens. */
    const round = async (fault: () => Promise<void>) => {
      const half = MESSAGES / 8;
      say(half);
      await people.hear(said);
      echo.close();
      say(half);
      await until("all are on disk", () => accepted(state) === before + said);
      await until("the model is being asked", () => echo.waiting() > 0);
      await fault();
      echo.open();
      await people.hear(said);
    };
    const killServer = async () => {
      await server.kill();
      await server.start();
      await people.comeIn();
      await people.sees();
    };
    const killGateway = async () => {
      gateway.child.kill("SIGKILL");
      await gateway.ended;
      gateway = await spawnGateway(state);
      await people.sees();
    };
    await round(async () => {});
    await round(killServer);
    await round(killGateway);
    await round(async () => {
      await server.kill();
      await killGatewayAlone();
      await server.start();
      await people.comeIn();
      await people.sees();
    });
    async function killGatewayAlone(): Promise<void> {
      gateway.child.kill("SIGKILL");
      await gateway.ended;
      gateway = await spawnGateway(state);
    }
    people.take();
    // Room and private chat go side by side; within each, the order is that of the questions.
    assert.equal(said, MESSAGES);
    assert.deepEqual(people.direct, asked.direct);
    assert.deepEqual([...people.room].sort(), [...asked.room].sort());
    assert.deepEqual(bySpeaker(people.room), bySpeaker(asked.room));
  } catch (error) {
    throw new Error(`${String(error)}\nthe gateway said:\n${gateway.stdout().slice(-4_000)}`, {
      cause: error,
    });
  } finally {
    await gateway[Symbol.asyncDispose]();
  }
}

/** What two people say at the same time may arrive either way round; what one of them says may not. */
const bySpeaker = (answers: readonly string[]) =>
  [0, 1].map((speaker) => answers.filter((answer) => (Number(answer.slice(4)) - 100) % 3 === speaker));
