import { channelContract } from "../contracts/channel.ts";
import { openLoopback } from "../kit/loopback.ts";

/** The test platform behaves as its contract says; what is tested against it is worth something. */
channelContract("loopback", async () => {
  const platform = openLoopback();
  return {
    channel: platform.channel,
    section: {},
    chatId: "c1",
    noSuchChat: "nowhere",
    say: async (text) => void platform.post({ text }),
    seen: () => platform.delivered.map(({ text }) => text),
    refuseCredential() {
      platform.refuse = "auth";
    },
    dropConnections: () => platform.drop(),
    async [Symbol.asyncDispose]() {},
  };
});
