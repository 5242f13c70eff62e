import type { TestGateway } from "./gateway.ts";
import { localConfig } from "./state.ts";
import { until } from "./until.ts";

/** Looks at an edit at once, so that tests need not wait. */
export const FAST = { reload: { debounceMs: 20 } };

export interface Settings {
  gateway?: Record<string, unknown>;
  [section: string]: unknown;
}

/** A config that is followed quickly and answers with the demo model. */
export const followedConfig = ({ gateway, ...rest }: Settings = {}, port = 1) =>
  localConfig(port, {
    gateway: { ...FAST, ...gateway },
    agents: { defaults: { model: "demo/echo" } },
    ...rest,
  });

export const reloadStatus = ({ running }: TestGateway) => running.services.reload.status();

/** Console lines with this text. */
export const linesWith = ({ console }: TestGateway, text: string) =>
  console.filter((line) => line.includes(text));

/** Saves a config and waits until it is in force. */
export async function edit(gateway: TestGateway, settings: Settings, port?: number): Promise<void> {
  const before = reloadStatus(gateway).appliedHash;
  gateway.state.write(followedConfig(settings, port));
  await until("the edit is in force", () => reloadStatus(gateway).appliedHash !== before);
}

export async function modelInForce(gateway: TestGateway): Promise<string> {
  const found = await gateway.running.services.model;
  return found.kind === "chosen" ? found.choice.target.model : `unusable: ${found.error.message}`;
}
