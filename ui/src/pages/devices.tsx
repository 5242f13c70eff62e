import { signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { call, link, listen, ownDeviceId, whenFresh } from "../connect/link.ts";
import { Page, Sure, Trouble, useAction } from "../parts.tsx";
import { route } from "../state/route.ts";
import { when, words } from "../words/words.ts";
import { SetupCode } from "./setup-code.tsx";

interface Waiting {
  requestId: string;
  deviceId: string;
  displayName?: string;
  clientId?: string;
  platform?: string;
  remoteIp?: string;
  scopes: string[];
  ts: number;
}

interface Paired {
  deviceId: string;
  displayName?: string;
  label?: string;
  clientId?: string;
  platform?: string;
  remoteIp?: string;
  scopes?: string[];
  connected?: boolean;
  lastSeenAtMs?: number;
  tokens: { role: string; revokedAtMs?: number }[];
}

const list = signal<{ pending: Waiting[]; paired: Paired[] } | undefined>(undefined);

async function refresh(): Promise<void> {
  list.value = await call("device.pair.list");
}

function refreshIfShown(): void {
  if (route.peek().page === "devices") void refresh().catch(() => {});
}
whenFresh(refreshIfShown);
listen(({ event }) => {
  if (event.startsWith("device.pair.") || event === "presence") refreshIfShown();
});

export function DevicesPage() {
  const text = words.value.devices;
  const { error, run } = useAction();
  useEffect(() => void run(refresh), []);
  const known = list.value;
  return (
    <Page id="devices" title={text.title}>
      <Trouble error={error} />
      {!known && !error && <p class="fine">{words.value.loading}</p>}
      {known && (
        <>
          <h3>{text.pending}</h3>
          {known.pending.length === 0 && <p class="fine">{text.nobodyWaits}</p>}
          <ul class="rows">
            {known.pending.map((request) => (
              <WaitingRow key={request.requestId} request={request} />
            ))}
          </ul>
          <h3>{text.paired}</h3>
          <ul class="rows">
            {known.paired.map((device) => (
              <PairedRow key={device.deviceId} device={device} />
            ))}
          </ul>
        </>
      )}
      {link.value.kind === "open" && link.value.hello.auth.scopes.includes("operator.admin") && <SetupCode />}
    </Page>
  );
}

function WaitingRow({ request }: { request: Waiting }) {
  const text = words.value.devices;
  const { error, busy, run } = useAction();
  const { requestId } = request;
  const decide = (method: string) =>
    run(async () => {
      await call(method, { requestId });
      await refresh();
    });
  return (
    <li data-request={requestId}>
      <p>
        <strong>{nameOf(request)}</strong>
      </p>
      <p class="fine">{detailsOf(request, text.asks(scopeNames(request.scopes)), when(request.ts))}</p>
      <div class="row">
        <button type="button" disabled={busy} onClick={() => void decide("device.pair.approve")}>
          {text.approve}
        </button>
        <button type="button" class="quiet" disabled={busy} onClick={() => void decide("device.pair.reject")}>
          {text.reject}
        </button>
      </div>
      <Trouble error={error} />
    </li>
  );
}

function PairedRow({ device }: { device: Paired }) {
  const text = words.value.devices;
  const { error, busy, run } = useAction();
  const naming = useSignal(false);
  const field = useRef<HTMLInputElement>(null);
  const { deviceId, tokens, connected, lastSeenAtMs } = device;
  const isOwn = deviceId === ownDeviceId.value;
  const live = tokens.filter(({ revokedAtMs }) => revokedAtMs === undefined);
  const act = (method: string, params: object) =>
    run(async () => {
      await call(method, params);
      await refresh();
    });
  return (
    <li data-device={deviceId}>
      <p>
        <strong>{nameOf(device)}</strong>
        {isOwn && <span class="tag">{text.thisBrowser}</span>}
        {connected && <span class="tag">{text.online}</span>}
      </p>
      <p class="fine">
        {detailsOf(
          device,
          device.scopes && text.has(scopeNames(device.scopes)),
          lastSeenAtMs !== undefined && text.lastSeen(when(lastSeenAtMs)),
        )}
      </p>
      {naming.value ? (
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault();
            naming.value = false;
            void act("device.pair.rename", { deviceId, label: field.current!.value.trim() });
          }}
        >
          <input ref={field} aria-label={text.name} defaultValue={nameOf(device)} maxLength={64} required />
          <button type="submit">{text.save}</button>
          <button
            type="button"
            class="quiet"
            onClick={() => {
              naming.value = false;
            }}
          >
            {words.value.cancel}
          </button>
        </form>
      ) : (
        <div class="row">
          <button
            type="button"
            class="small quiet"
            disabled={busy}
            onClick={() => {
              naming.value = true;
            }}
          >
            {text.rename}
          </button>
          {live.map(({ role }) => (
            <Sure
              key={role}
              label={live.length > 1 ? `${text.revoke} (${role})` : text.revoke}
              sure={text.confirmRevoke}
              onSure={() => void act("device.token.revoke", { deviceId, role })}
            />
          ))}
          <Sure
            label={text.remove}
            sure={text.confirmRemove}
            onSure={() => void act("device.pair.remove", { deviceId })}
          />
        </div>
      )}
      <Trouble error={error} />
    </li>
  );
}

function nameOf({
  deviceId,
  ...device
}: {
  deviceId: string;
  label?: string;
  displayName?: string;
  clientId?: string;
}): string {
  return device.label ?? device.displayName ?? device.clientId ?? deviceId.slice(0, 12);
}

function detailsOf(
  { deviceId, platform, remoteIp }: { deviceId: string; platform?: string; remoteIp?: string },
  ...more: (string | false | undefined)[]
): string {
  return [deviceId.slice(0, 12), platform, remoteIp, ...more].filter(Boolean).join(" · ");
}

function scopeNames(scopes: readonly string[]): string {
  return scopes.map((scope) => scope.replace("operator.", "")).join(", ") || "–";
}
