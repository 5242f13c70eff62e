import { useEffect, useRef } from "preact/hooks";
import { Command, Countdown } from "../parts.tsx";
import { words } from "../words/words.ts";
import { connect, link } from "./link.ts";
import type { Refusal } from "./refusal.ts";

/** What stands here instead of the page until the gateway lets it in: what happened, and the one thing that helps. */
export function Gate() {
  const state = link.value;
  if (state.kind !== "refused") {
    return state.kind === "away" ? null : (
      <p class="panel fine" role="status">
        {words.value.state.connecting}
      </p>
    );
  }
  const { refusal, retryAtMs } = state;
  const { kind, commands, said, banner, requestId } = refusal;
  const { gate } = words.value;
  return (
    <section id="gate" class="panel" data-kind={kind} aria-labelledby="gate-title">
      <h2 id="gate-title">{gate.titles[kind]}</h2>
      {kind !== "secret-missing" && (
        <p id="gate-banner" class="trouble" role="alert">
          {banner}
        </p>
      )}
      <p>{gate.why[kind]}</p>
      {kind === "locked" && retryAtMs !== undefined && <Countdown untilMs={retryAtMs} say={gate.lockedFor} />}
      {kind === "version" && (
        <button type="button" onClick={() => location.reload()}>
          {words.value.reload}
        </button>
      )}
      <h3>{gate.onGateway}</h3>
      {commands.map((command) => (
        <Command key={command} text={command} />
      ))}
      {requestId && <p class="fine">{gate.requestId(requestId)}</p>}
      {refusal.asksSecret && <SecretForm key={kind} kind={kind} />}
      {!refusal.asksSecret && kind !== "pairing" && kind !== "locked" && (
        <button type="button" class="quiet" onClick={() => connect()}>
          {words.value.retryNow}
        </button>
      )}
      {kind !== "secret-missing" && !banner.includes(said) && <p class="fine">{said}</p>}
    </section>
  );
}

function SecretForm({ kind }: { kind: Refusal["kind"] }) {
  const field = useRef<HTMLInputElement>(null);
  const { gate } = words.value;
  // The page has nothing else to do.
  useEffect(() => field.current!.focus(), []);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const secret = field.current!.value.trim();
        field.current!.value = "";
        if (secret !== "") connect(secret);
      }}
    >
      <label for="token">{gate.secretLabel}</label>
      <input
        id="token"
        ref={field}
        type="password"
        autocomplete="current-password"
        spellcheck={false}
        required
        aria-describedby={kind === "secret-missing" ? undefined : "gate-banner"}
      />
      <button type="submit">{gate.connect}</button>
      <p class="fine">{gate.stays}</p>
    </form>
  );
}
