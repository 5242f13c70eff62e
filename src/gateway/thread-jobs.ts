import type { MessagePort } from "node:worker_threads";
import { type FileView, viewOfFile } from "../config/file-view.ts";
import type { Issue } from "../config/invalid.ts";
import { checkConfig, type LoadedConfig } from "../config/load.ts";
import type { Finding } from "../doctor/finding.ts";
import { readEnv } from "../platform/env.ts";
import type { Paths } from "../platform/paths.ts";
import type { Examination } from "./examine.ts";
import type { MadeRepair, WantedRepair } from "./repair-inside.ts";

/** The config file as a thread of its own has found it: plain data, so that it can be handed over. */
export type CheckedFile =
  | { ok: true; loaded: LoadedConfig }
  | { ok: false; message: string; issues: readonly Issue[] };

interface JobInput {
  paths: Paths;
  /** The environment of the process, since that of a thread may be another one. */
  variables: NodeJS.ProcessEnv;
}

export type Job =
  | ({ kind: "check" } & JobInput)
  /** `inForce` are secrets that must not be seen besides those of the file. */
  | ({ kind: "view"; inForce: readonly string[] } & JobInput)
  | ({ kind: "examine"; examination: Examination } & JobInput)
  | ({ kind: "repair"; examination: Examination; wanted: WantedRepair } & JobInput);

type Answers = { check: CheckedFile; view: FileView; examine: Finding[]; repair: MadeRepair[] };
type Answer = Answers[keyof Answers];
export type AnswerOf<J extends Job> = Answers[J["kind"]];

export interface JobMessage {
  id: number;
  job: Job;
}

export type ReplyMessage = { id: number; answer: Answer } | { id: number; failure: unknown };

/** What the thread does: one job after the other, until it is ended from outside. */
export function answerJobs(port: MessagePort): void {
  let queue = Promise.resolve();
  port.on("message", ({ id, job }: JobMessage) => {
    queue = queue.then(async () => {
      const reply: ReplyMessage = await doJob(job).then(
        (answer) => ({ id, answer }),
        (failure: unknown) => ({ id, failure }),
      );
      port.postMessage(reply);
    });
  });
}

/** Also for the main thread, where there can be no other. */
export async function doJob<J extends Job>(job: J): Promise<AnswerOf<J>> {
  return (await answer(job)) as AnswerOf<J>;
}

async function answer(job: Job): Promise<Answer> {
  const { paths } = job;
  const env = readEnv(job.variables);
  switch (job.kind) {
    case "view":
      return await viewOfFile({ paths, env }, job.inForce);
    case "examine": {
      const { examine } = await import("./examine.ts");
      return await examine(job.examination, { paths, env });
    }
    case "repair": {
      const { repairInside } = await import("./repair-inside.ts");
      return await repairInside(job.wanted, job.examination, { paths, env });
    }
    case "check": {
      const checked = await checkConfig({ paths, env });
      if (checked.ok) return checked;
      return { ok: false, message: checked.fault.message, issues: checked.issues };
    }
  }
}
