import { GatewayError } from "../../protocol/errors.ts";
import type { ChannelDesk, ChannelDoor } from "./desk.ts";
import type { DeskInput } from "./open-desk.ts";

type FollowingDesk = ChannelDesk & { apply(): Promise<void> };

/** News of a moment is told once. */
const GATHER_MS = 1_000;

export function openChannelDoor(input: DeskInput): ChannelDoor {
  let opening: Promise<FollowingDesk> | undefined;
  let desk: FollowingDesk | undefined;
  let closing: Promise<void> | undefined;
  let news: Disposable | undefined;

  function onChange(): void {
    if (closing) return;
    news ??= input.clock.after(GATHER_MS, () => {
      news = undefined;
      input.onChange();
    });
  }

  async function load(): Promise<FollowingDesk> {
    const { openChannelDesk } = await import("./open-desk.ts");
    if (closing) throw new GatewayError("UNAVAILABLE", "the gateway is shutting down", { retryable: true });
    desk = openChannelDesk({ ...input, onChange });
    void desk.apply();
    return desk;
  }

  async function open(): Promise<FollowingDesk> {
    opening ??= load();
    try {
      return await opening;
    } catch (error) {
      // The disk may be well again at the next try.
      opening = undefined;
      throw error;
    }
  }

  return {
    open,
    peek: () => desk,
    async follow() {
      if (!desk && Object.keys(input.config().channels ?? {}).length === 0) return;
      await (await open()).apply();
    },
    [Symbol.asyncDispose]() {
      news?.[Symbol.dispose]();
      closing ??= Promise.resolve(desk?.[Symbol.asyncDispose]());
      return closing;
    },
  };
}
