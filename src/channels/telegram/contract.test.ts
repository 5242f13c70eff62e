import { channelContract } from "../../../test/contracts/channel.ts";
import { openFakeTelegram, unauthorized } from "../../../test/kit/telegram/server.ts";
import channel from "./channel.ts";

channelContract("Telegram", async () => {
  const fake = await openFakeTelegram();
  return {
    channel,
    section: { botToken: fake.token, apiRoot: fake.apiRoot },
    say: async (text) => void fake.say({ chat: 501, text }),
    chatId: "501",
    noSuchChat: "999",
    seen: () => fake.sent(501).map(({ text }) => text),
    refuseCredential: () => void fake.inject({ fault: unauthorized }),
    dropConnections: () => fake.dropConnections(),
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  };
});
