import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { PresenceEntry } from "../../../src/protocol/entities.ts";
import { call, link, listen, whenFresh } from "../connect/link.ts";
import { Page, Trouble, useAction } from "../parts.tsx";
import { refreshStatus, status } from "../state/findings.ts";
import { clockTime, duration, when, words } from "../words/words.ts";
import { Diagnostics } from "./diagnostics.tsx";
import { Findings } from "./findings.tsx";

const presence = signal<readonly PresenceEntry[]>([]);
whenFresh(() => {
  if (link.peek().kind === "open")
    void call<PresenceEntry[]>("system-presence")
      .then(seePresence)
      .catch(() => {});
});
listen(({ event, payload }) => {
  if (event === "presence") seePresence((payload as { presence: PresenceEntry[] }).presence);
});

function seePresence(entries: readonly PresenceEntry[]): void {
  presence.value = entries;
}

const MEGABYTE = 1_048_576;

export function OverviewPage() {
  const text = words.value.overview;
  const { error, busy, run } = useAction();
  useEffect(() => void run(refreshStatus), []);
  const seen = status.value;
  return (
    <Page id="overview" title={text.title}>
      <Trouble error={error} />
      {!seen && !error && <p class="fine">{words.value.loading}</p>}
      <Findings />
      {seen && (
        <>
          <h3>{text.state}</h3>
          <p class="row fine">
            {text.asOf(clockTime(seen.at))}
            <button type="button" class="small quiet" disabled={busy} onClick={() => void run(refreshStatus)}>
              {words.value.refresh}
            </button>
          </p>
          <dl class="facts">
            {factsOf(seen.value).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
      <h3>{text.connected}</h3>
      <ul class="rows">
        {presence.value.map((entry) => (
          <li
            key={`${entry.instanceId ?? entry.deviceId ?? entry.clientId ?? entry.mode}:${entry.onlineSince ?? entry.ts}`}
          >
            <p>{entry.clientId ?? entry.host ?? entry.mode}</p>
            <p class="fine">
              {[entry.host, entry.ip, entry.platform, entry.version, when(entry.onlineSince ?? entry.ts)]
                .filter(Boolean)
                .join(" · ")}
            </p>
          </li>
        ))}
      </ul>
      <Diagnostics />
    </Page>
  );
}

function factsOf(seen: NonNullable<typeof status.value>["value"]): [name: string, value: string][] {
  const text = words.value.overview;
  const { model, devices, lastExit } = seen;
  const waiting = devices.pending ? ` (${text.waiting(devices.pending)})` : "";
  return [
    [text.version, seen.runtimeVersion],
    [text.uptime, duration(seen.uptimeMs)],
    [text.model, model ? `${model.provider}/${model.model}` : (seen.modelProblem ?? "")],
    [text.memory, `${Math.round(seen.processMemory.rss / MEGABYTE)} MB`],
    [text.sessions, String(seen.sessions.count)],
    ...(seen.sessions.paths ?? []).map((path): [string, string] => [text.storage, path]),
    [text.turns, String(seen.openTurns)],
    [text.devices, `${devices.paired}${waiting}`],
    [text.connections, String(seen.connections)],
    [text.config, seen.configPath],
    [text.log, seen.logFile],
    ...(lastExit ? [[text.lastExit, lastExit.text] as [string, string]] : []),
  ];
}
