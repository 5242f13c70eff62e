import { call } from "../connect/link.ts";
import { Trouble, useAction } from "../parts.tsx";
import { words } from "../words/words.ts";

/** What helps somebody else to understand this gateway. Each answer is without secrets as the gateway gives it. */
const ASKED: Readonly<Record<string, readonly [method: string, params?: object]>> = {
  status: ["status"],
  health: ["health"],
  findings: ["doctor.check"],
  config: ["config.get"],
  models: ["models.list"],
  channels: ["channels.status"],
  lanes: ["diagnostics.lanes"],
  stability: ["diagnostics.stability", { limit: 200 }],
  log: ["logs.tail", { limit: 500 }],
};

async function collect(): Promise<string> {
  const answers = await Promise.all(
    Object.entries(ASKED).map(async ([name, [method, params]]) => {
      const answer = await call(method, params).catch((error: unknown) => ({ failed: String(error) }));
      return [name, answer] as const;
    }),
  );
  return JSON.stringify(
    { made: new Date().toISOString(), page: navigator.userAgent, ...Object.fromEntries(answers) },
    null,
    2,
  );
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function Diagnostics() {
  const text = words.value.overview;
  const { error, busy, run } = useAction();
  return (
    <>
      <h3>{text.diagnostics}</h3>
      <p class="fine">{text.diagnosticsHelp}</p>
      <div class="row">
        <button
          id="diagnostics"
          type="button"
          class="quiet"
          disabled={busy}
          onClick={() =>
            void run(async () => {
              const day = new Date().toISOString().slice(0, 10);
              download(`openclaw-diagnostics-${day}.json`, await collect());
            })
          }
        >
          {text.download}
        </button>
      </div>
      <Trouble error={error} />
    </>
  );
}
