import { signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { call, listen } from "../connect/link.ts";
import { CopyButton, Trouble, useAction } from "../parts.tsx";
import { clockTime, words } from "../words/words.ts";

interface Setup {
  setupId: string;
  setupCode: string;
  qrDataUrl: string;
  gatewayUrl: string;
  expiresAtMs: number;
}

const shown = signal<{ setup: Setup; used: boolean } | undefined>(undefined);
listen(({ event, payload }) => {
  const current = shown.peek();
  if (event !== "device.pair.setup.completed" || !current) return;
  if ((payload as { setupId: string }).setupId === current.setup.setupId)
    shown.value = { ...current, used: true };
});

/** A code that pairs one phone or node. The gateway's own secret is not in it. */
export function SetupCode() {
  const text = words.value.devices;
  const { error, busy, run } = useAction();
  const address = useRef<HTMLInputElement>(null);
  async function make(): Promise<void> {
    const publicUrl = address.current!.value.trim();
    const setup = await call<Setup>("device.pair.setupCode", {
      includeQr: true,
      ...(publicUrl && { publicUrl }),
    });
    shown.value = { setup, used: false };
  }
  const current = shown.value;
  return (
    <>
      <h3>{text.addTitle}</h3>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run(make);
        }}
      >
        <label for="public-url" class="fine">
          {text.publicUrl}
        </label>
        <div class="row">
          <input id="public-url" ref={address} type="url" placeholder="wss://" autocomplete="off" />
          <button type="submit" disabled={busy}>
            {text.add}
          </button>
        </div>
      </form>
      <Trouble error={error} />
      {current?.used && <p role="status">{text.used}</p>}
      {current && !current.used && (
        <div class="setup-code">
          <img src={current.setup.qrDataUrl} alt={text.add} />
          <p>{text.codeFor(current.setup.gatewayUrl, clockTime(current.setup.expiresAtMs))}</p>
          <details>
            <summary>{text.code}</summary>
            <p class="wrap">
              <code>{current.setup.setupCode}</code>
            </p>
            <CopyButton text={current.setup.setupCode} />
          </details>
        </div>
      )}
    </>
  );
}
