import { GatewayError } from "../../protocol/errors.ts";
import type { ChannelDesk, ChannelDoor } from "./desk.ts";
import type { DeskInput } from "./open-desk.ts";

export function openChannelDoor(input: DeskInput): ChannelDoor {
  let opening: Promise<ChannelDesk> | undefined;
  let desk: ChannelDesk | undefined;
  let closed = false;

  async function load(): Promise<ChannelDesk> {
    const { openChannelDesk } = await import("./open-desk.ts");
    if (closed) throw new GatewayError("UNAVAILABLE", "the gateway is shutting down", { retryable: true });
    desk = openChannelDesk(input);
    return desk;
  }

  return {
    async open() {
      opening ??= load();
      try {
        return await opening;
      } catch (error) {
        // The disk may be well again at the next try.
        opening = undefined;
        throw error;
      }
    },
    peek: () => desk,
    async [Symbol.asyncDispose]() {
      closed = true;
      await desk?.[Symbol.asyncDispose]();
    },
  };
}
