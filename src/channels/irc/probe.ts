import { randomBytes } from "node:crypto";
import type { ChannelAccount, ConnectInput, ProbeResult } from "../channel.ts";
import { type IrcSettings, settingsOf } from "./accounts.ts";
import { type LiveIrc, liveConnection } from "./connect.ts";
import { isThisMachine } from "./names.ts";
import { register } from "./registration.ts";
import { openWire, type Wire } from "./wire.ts";

type ProbeInput = Pick<ConnectInput, "clock" | "log" | "signal">;
type Fact = ProbeResult["audit"][number];

const ANSWER_MS = 10_000;

/** The running connection is asked; where there is none, one is opened for a moment, which joins nothing. */
export async function probeIrc(account: ChannelAccount, input: ProbeInput): Promise<ProbeResult> {
  const startedAtMs = input.clock.monotonic();
  const running = liveConnection(account);
  const outcome = running
    ? await askRunning(running, settingsOf(account))
    : await tryOut(settingsOf(account), input);
  return { ...outcome, elapsedMs: Math.round(input.clock.monotonic() - startedAtMs) };
}

type Outcome = Omit<ProbeResult, "elapsedMs">;

async function askRunning({ wire, own, joins }: LiveIrc, settings: IrcSettings): Promise<Outcome> {
  const token = `probe-${randomBytes(6).toString("hex")}`;
  const answer = wire.answer(
    ({ command, params }) => (command === "PONG" && params.at(-1) === token) || undefined,
    ANSWER_MS,
  );
  wire.send("PING", token);
  const got = await answer;
  const self = { id: own.current(), name: own.current() };
  if (got.kind !== "answer") {
    const summary =
      got.kind === "closed" ? got.fault.message : `no answer to a PING within ${ANSWER_MS / 1000} s`;
    return { ok: false, summary, audit: [], self };
  }
  return works(self, [
    ...standing(wire, settings, own.current()),
    ...joins.list().map(({ name, state }): Fact => {
      if (state.kind === "joined") return { ok: true, text: `in ${name}` };
      return {
        ok: false,
        text: state.kind === "out" ? `not in ${name}: ${state.why}` : `not in ${name} yet`,
      };
    }),
  ]);
}

async function tryOut(settings: IrcSettings, { clock, signal }: ProbeInput): Promise<Outcome> {
  try {
    const wire = await openWire({ settings, clock, signal });
    try {
      const { nick } = await register(wire, settings, clock);
      return works({ id: nick, name: nick }, standing(wire, settings, nick));
    } finally {
      wire.quit("probe");
    }
  } catch (error) {
    const fix = (error as { fix?: string }).fix;
    const text = error instanceof Error ? error.message : String(error);
    return { ok: false, summary: text, audit: fix === undefined ? [] : [{ ok: false, text, fix }] };
  }
}

const works = (self: { id: string; name: string }, audit: Fact[]): Outcome => ({
  ok: true,
  summary: "works",
  audit,
  self,
});

function standing(wire: Wire, settings: IrcSettings, nick: string): Fact[] {
  return [
    wire.encrypted
      ? { ok: true, text: "TLS on" }
      : isThisMachine(settings.host)
        ? { ok: true, text: "TLS off, on this machine" }
        : {
            ok: false,
            text: "TLS off: everybody on the way can read along",
            fix: `openclaw config set ${settings.path}.tls true`,
          },
    nick === settings.nick
      ? { ok: true, text: `nick ${nick}` }
      : { ok: false, text: `nick ${nick}: ${settings.nick} is in use; taken back when it is free` },
  ];
}
