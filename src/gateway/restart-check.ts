import { createServer } from "node:net";
import { loadConfig } from "../config/load.ts";
import { type ListenAddress, listenOn } from "./listen-on.ts";
import { type ListenSettings, resolveSettings, type SettingsInput } from "./settings.ts";

export interface RestartCheckInput extends Omit<SettingsInput, "loaded"> {
  /** What this process listens on now; a restart gives it back first. */
  listening?: ListenSettings;
}

/** Throws the Fault that a start with the config as it is now would end with. */
export async function requireStartable({ listening, ...input }: RestartCheckInput): Promise<void> {
  const loaded = await loadConfig(input);
  const { bind, port } = resolveSettings({ ...input, loaded });
  if (port !== listening?.port) await requireFree({ host: bind.host, port });
  // Our own listener is in the way of the real question; whether the address is one of this machine can be asked.
  else if (bind.host !== listening.bind.host) await requireFree({ host: bind.host, port: 0 });
}

/** Who connects meanwhile is closed. */
async function requireFree(address: ListenAddress): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  await listenOn(server, address);
  await new Promise((resolve) => server.close(resolve));
}
