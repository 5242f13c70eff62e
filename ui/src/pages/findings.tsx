import { signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call, isAdmin, offers } from "../connect/link.ts";
import { Command, Trouble, useAction } from "../parts.tsx";
import { type BriefFinding, findings, refreshStatus } from "../state/findings.ts";
import { words } from "../words/words.ts";
import { Diff } from "./diff-view.tsx";
import { unifiedLines } from "./line-diff.ts";

interface Finding extends BriefFinding {
  why?: string;
  evidence?: string[];
  /** `here`: the gateway can make it while it runs. */
  repair?: { does: string; level: "safe" | "force"; plan: string[]; here: boolean };
}

interface MadeRepair {
  does: string;
  outcome: keyof ReturnType<typeof outcomes>;
  details: string[];
}

const outcomes = () => words.value.repairs.outcomes;
const detailed = signal<readonly Finding[]>([]);
const made = signal<readonly MadeRepair[]>([]);

async function load(): Promise<void> {
  if (isAdmin() && offers("doctor.plan"))
    detailed.value = (await call<{ findings: Finding[] }>("doctor.plan")).findings;
}

/** What the gateway's own checks see, why, and the repair: shown before it is made. */
export function Findings() {
  const text = words.value.overview;
  const { error, run } = useAction();
  const brief = findings.value;
  useEffect(() => {
    if (brief.length > 0) void run(load);
  }, [JSON.stringify(brief)]);
  return (
    <>
      <h3>{text.health}</h3>
      <Trouble error={error} />
      {made.value.map(({ does, outcome, details }, index) => (
        <div key={index} class="repaired" role="status">
          <p>{`${outcomes()[outcome]} ${does}`}</p>
          {details.map((line) => (
            <p key={line} class="fine wrap">
              {line}
            </p>
          ))}
        </div>
      ))}
      {made.value.some(({ outcome }) => outcome === "fixed") && (
        <>
          <p class="fine">{words.value.repairs.takeBack}</p>
          <Command text="openclaw doctor --undo" />
        </>
      )}
      {brief.length === 0 ? (
        <p>{text.fine}</p>
      ) : (
        <ul class="rows">
          {brief.map((each, index) => (
            <FindingRow
              key={`${each.id}:${index}`}
              finding={detailed.value.find(({ id, title }) => id === each.id && title === each.title) ?? each}
            />
          ))}
        </ul>
      )}
    </>
  );
}

function FindingRow({ finding: { id, severity, title, fix, why, evidence, repair } }: { finding: Finding }) {
  const text = words.value.repairs;
  const shown = useSignal(false);
  const { error, busy, run } = useAction();
  const make = () =>
    run(async () => {
      const { repairs } = await call<{ repairs: MadeRepair[] }>("doctor.fix", {
        id,
        force: repair!.level === "force",
      });
      made.value = repairs;
      await refreshStatus();
    });
  return (
    <li class={severity} data-finding={id}>
      <p>{title}</p>
      {why && <p class="fine">{why}</p>}
      {evidence && evidence.length > 0 && (
        <ul class="evidence fine">
          {evidence.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      <Command text={fix} />
      {repair?.here && offers("doctor.fix") && (
        <div class="repair">
          <button
            type="button"
            class="small quiet"
            aria-expanded={shown.value}
            onClick={() => {
              shown.value = !shown.value;
            }}
          >
            {text.show}
          </button>
          {shown.value && (
            <>
              <p>{text.will(repair.does)}</p>
              <Diff lines={unifiedLines(repair.plan)} />
              {repair.level === "force" && <p class="trouble">{text.force}</p>}
              <button type="button" class="small" disabled={busy} onClick={() => void make()}>
                {text.make}
              </button>
            </>
          )}
          <Trouble error={error} />
        </div>
      )}
    </li>
  );
}
