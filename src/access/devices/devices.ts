import { existsSync, renameSync } from "node:fs";
import type { Clock } from "../../platform/clock.ts";
import { Fault } from "../../platform/fault.ts";
import type { DeviceEvent, DeviceRoom } from "./announce.ts";
import { type DeviceStore, openDeviceStore } from "./store.ts";
import { openUpgrades, type Upgrades } from "./upgrades.ts";

export interface Devices extends DeviceRoom, Disposable {
  upgrades: Upgrades;
}

export interface DevicesInput {
  path: string;
  clock: Clock;
  announce(event: DeviceEvent): void;
  isConnected(deviceId: string): boolean;
  /** The file was damaged; it lies there now, and an empty one has taken its place. */
  onSetAside(path: string, cause: Error): void;
}

/**
 * The paired devices of this state folder. A file of its own: damage to it costs the pairings, which can be made anew,
 * and nothing else. Throws `Fault` where the disk refuses or the file is of a newer version.
 */
export function openDevices(input: DevicesInput): Devices {
  const store = openOrSetAside(input);
  const room: DeviceRoom = {
    store,
    clock: input.clock,
    isConnected: input.isConnected,
    announce(event) {
      upgrades.heard(event);
      input.announce(event);
    },
  };
  const upgrades = openUpgrades(room);
  return { ...room, upgrades, [Symbol.dispose]: () => store[Symbol.dispose]() };
}

function openOrSetAside({ path, clock, onSetAside }: DevicesInput): DeviceStore {
  try {
    return openDeviceStore(path);
  } catch (error) {
    if (!(error instanceof Fault) || !/ is damaged: /.test(error.message)) throw error;
    const aside = `${path}.damaged.${clock.now()}`;
    for (const end of ["", "-wal", "-shm"]) if (existsSync(path + end)) renameSync(path + end, aside + end);
    const store = openDeviceStore(path);
    onSetAside(aside, error);
    return store;
  }
}
