import { useSignal } from "@preact/signals";
import { Component, type ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { GatewayError } from "../../src/protocol/errors.ts";
import { words } from "./words/words.ts";

const COPIED_SHOWN_MS = 1_500;

export function CopyButton({ text }: { text: string }) {
  const done = useSignal(false);
  async function copy(): Promise<void> {
    await copyText(text);
    done.value = true;
    setTimeout(() => {
      done.value = false;
    }, COPIED_SHOWN_MS);
  }
  return (
    <button type="button" class="small quiet" onClick={copy}>
      {done.value ? words.value.copied : words.value.copy}
    </button>
  );
}

/** The clipboard of scripts exists on secure origins only. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return await navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

/** What to type on the gateway's machine. */
export function Command({ text }: { text: string }) {
  return (
    <div class="command">
      <code>{text}</code>
      <CopyButton text={text} />
    </div>
  );
}

/** Seconds until then, counted down. */
export function Countdown({ untilMs, say }: { untilMs: number; say(seconds: number): string }) {
  const left = useSignal(secondsUntil(untilMs));
  useEffect(() => {
    left.value = secondsUntil(untilMs);
    const timer = setInterval(() => {
      left.value = secondsUntil(untilMs);
    }, 1_000);
    return () => clearInterval(timer);
  }, [untilMs]);
  return <p class="fine">{say(left.value)}</p>;
}

function secondsUntil(ms: number): number {
  return Math.max(0, Math.ceil((ms - Date.now()) / 1_000));
}

/** Runs what a button does, and shows what came of it where it failed. */
export function useAction(): {
  error: unknown;
  busy: boolean;
  run(action: () => Promise<unknown>): Promise<void>;
} {
  const error = useSignal<unknown>(undefined);
  const busy = useSignal(false);
  return {
    error: error.value,
    busy: busy.value,
    async run(action) {
      busy.value = true;
      error.value = undefined;
      try {
        await action();
      } catch (thrown) {
        error.value = thrown;
      } finally {
        busy.value = false;
      }
    },
  };
}

/** Asks once more, in the place where the button was. */
export function Sure({ label, sure, onSure }: { label: string; sure: string; onSure(): void }) {
  const asked = useSignal(false);
  return (
    <button
      type="button"
      class={asked.value ? "small danger" : "small quiet"}
      onBlur={() => {
        asked.value = false;
      }}
      onClick={() => {
        if (asked.value) onSure();
        asked.value = !asked.value;
      }}
    >
      {asked.value ? sure : label}
    </button>
  );
}

/** What happened, and where the gateway knows it, what helps. */
export function Trouble({ error }: { error: unknown }) {
  if (error === undefined) return null;
  const hint = error instanceof GatewayError ? error.extras.details?.hint : undefined;
  return (
    <div class="trouble" role="alert">
      <p>{error instanceof Error ? error.message : String(error)}</p>
      {typeof hint === "string" && <p class="hint">{hint}</p>}
    </div>
  );
}

interface SteadyProps {
  /** Drawn again when one of these is another one. */
  of: readonly unknown[];
  draw(): ComponentChildren;
}

/** What `useMemo` keeps hangs on to the whole tree it was first drawn in; this does not. */
export class Steady extends Component<SteadyProps> {
  override shouldComponentUpdate({ of: next }: SteadyProps): boolean {
    const { of: known } = this.props;
    return next.some((each, index) => each !== known[index]);
  }

  render({ draw }: SteadyProps) {
    return draw();
  }
}

export function Page({ id, title, children }: { id: string; title: string; children: ComponentChildren }) {
  return (
    <section id={id} class="page" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {children}
    </section>
  );
}
