import type { MessagePort } from "node:worker_threads";
import { readEnv } from "../platform/env.ts";
import type { Paths } from "../platform/paths.ts";
import { type FileView, viewOfFile } from "./file-view.ts";
import type { Issue } from "./invalid.ts";
import { checkConfig, type LoadedConfig } from "./load.ts";

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
  | ({ kind: "view"; inForce: readonly string[] } & JobInput);

export type AnswerOf<J extends Job> = J extends { kind: "check" } ? CheckedFile : FileView;

export interface JobMessage {
  id: number;
  job: Job;
}

export type ReplyMessage = { id: number; answer: CheckedFile | FileView } | { id: number; failure: unknown };

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
  const { paths, variables } = job;
  const env = readEnv(variables);
  if (job.kind === "view") return (await viewOfFile({ paths, env }, job.inForce)) as AnswerOf<J>;
  const checked = await checkConfig({ paths, env });
  if (checked.ok) return checked as AnswerOf<J>;
  const { fault, issues } = checked;
  return { ok: false, message: fault.message, issues } as CheckedFile as AnswerOf<J>;
}
