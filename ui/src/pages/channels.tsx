import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call, isAdmin, link, listen, offers, whenFresh } from "../connect/link.ts";
import { Command, Page, Trouble, useAction } from "../parts.tsx";
import { route } from "../state/route.ts";
import { when, words } from "../words/words.ts";

interface Account {
  accountId: string;
  name?: string;
  enabled?: boolean;
  configured?: boolean;
  running?: boolean;
  connected?: boolean;
  lastError?: string | null;
  lastInboundAt?: number | null;
  lastOutboundAt?: number | null;
  lastStartAt?: number | null;
  probe?: { ok?: boolean; error?: string | null; elapsedMs?: number };
}

interface ChannelsStatus {
  channelOrder: string[];
  channelLabels: Record<string, string>;
  channelAccounts: Record<string, Account[]>;
  statusIssues?: { channel?: string; accountId?: string; message?: string; fix?: string }[];
}

const status = signal<ChannelsStatus | undefined>(undefined);

async function load(probe = false): Promise<void> {
  if (offers("channels.status"))
    status.value = await call<ChannelsStatus>("channels.status", probe ? { probe } : {});
}

function refreshIfShown(): void {
  if (route.peek().page === "channels") void load().catch(() => {});
}
whenFresh(refreshIfShown);
listen(({ event }) => {
  if (event === "health" || event.startsWith("channels.")) refreshIfShown();
});

/** The chat apps people write from: whether each is connected, and since when nothing came. */
export function ChannelsPage() {
  const text = words.value.channels;
  const { error, busy, run } = useAction();
  const isOpen = link.value.kind === "open";
  useEffect(() => {
    if (isOpen) void run(load);
  }, [isOpen]);
  const seen = status.value;
  const rows = seen?.channelOrder.flatMap((channel) =>
    (seen.channelAccounts[channel] ?? []).map((account) => ({ channel, account })),
  );
  return (
    <Page id="channels" title={text.title}>
      <Trouble error={error} />
      {isOpen && !offers("channels.status") && <p>{text.unknown}</p>}
      {seen && rows?.length === 0 && (
        <>
          <p>{text.none}</p>
          <Command text="openclaw channels add" />
        </>
      )}
      {rows && rows.length > 0 && (
        <>
          <div class="row">
            <button type="button" class="quiet" disabled={busy} onClick={() => void run(() => load(true))}>
              {text.probe}
            </button>
          </div>
          <ul class="rows">
            {rows.map(({ channel, account }) => (
              <AccountRow
                key={`${channel}:${account.accountId}`}
                channel={channel}
                label={seen!.channelLabels[channel] ?? channel}
                account={account}
              />
            ))}
          </ul>
        </>
      )}
      {seen?.statusIssues?.map(({ message, fix }, index) => (
        <div key={index} class="trouble">
          <p>{message}</p>
          {fix && <Command text={fix} />}
        </div>
      ))}
    </Page>
  );
}

function AccountRow({ channel, label, account }: { channel: string; label: string; account: Account }) {
  const text = words.value.channels;
  const { error, busy, run } = useAction();
  const { accountId, name, running, connected, enabled, lastError, probe } = account;
  const act = (method: string) =>
    run(async () => {
      await call(method, { channel, accountId });
      await load();
    });
  const state = enabled === false ? "off" : connected ? "connected" : running ? "starting" : "stopped";
  return (
    <li data-channel={channel} data-state={state}>
      <p>
        <strong>{label}</strong> {name ?? (accountId === "default" ? "" : accountId)}
        <span class={`tag state-${state}`}>{text.states[state]}</span>
      </p>
      <p class="fine">
        {[
          account.lastStartAt && text.since(when(account.lastStartAt)),
          account.lastInboundAt && text.lastIn(when(account.lastInboundAt)),
          account.lastOutboundAt && text.lastOut(when(account.lastOutboundAt)),
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      {lastError && <p class="trouble">{lastError}</p>}
      {probe && (
        <p class={probe.ok ? "fine" : "trouble"}>
          {probe.ok ? text.probeOk : (probe.error ?? text.probeFailed)}
        </p>
      )}
      {isAdmin() && (
        <div class="row">
          {running ? (
            offers("channels.stop") && (
              <button
                type="button"
                class="small quiet"
                disabled={busy}
                onClick={() => void act("channels.stop")}
              >
                {text.stop}
              </button>
            )
          ) : offers("channels.start") ? (
            <button
              type="button"
              class="small quiet"
              disabled={busy}
              onClick={() => void act("channels.start")}
            >
              {text.start}
            </button>
          ) : null}
        </div>
      )}
      <Trouble error={error} />
    </li>
  );
}
