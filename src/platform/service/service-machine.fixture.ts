import { readEnv } from "../env.ts";
import type { Host } from "../host.ts";
import type { Ran, ServiceMachine } from "./machine.ts";

export interface MachineInput {
  platform: NodeJS.Platform;
  home: string;
  uid?: number;
  /** What there is to be read, by path. */
  files?: Readonly<Record<string, string>>;
  env?: NodeJS.ProcessEnv;
  /** What a program answers; by default it does what it was asked, without a word. */
  answer?(line: string): Ran | undefined;
}

/** A machine of any system, which writes down what was run on it. */
export function describedMachine(input: MachineInput): ServiceMachine & { ran: string[] } {
  const { platform, home, uid = 1000, files = {}, env = {}, answer } = input;
  const ran: string[] = [];
  const host: Host = { platform, text: (path) => files[path], run: async () => undefined };
  return {
    ...{ ran, platform, host, uid: platform === "win32" ? undefined : uid, user: "ann", accountHome: home },
    env: readEnv({ HOME: home, OPENCLAW_IN_CONTAINER: "0", ...env }),
    async run(command, args) {
      const line = [command, ...args].join(" ");
      ran.push(line);
      return answer?.(line) ?? { exitCode: 0, output: "" };
    },
  };
}
