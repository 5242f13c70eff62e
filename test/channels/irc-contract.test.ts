import channel from "../../src/channels/irc/channel.ts";
import { channelContract } from "../contracts/channel.ts";
import { openIrcPerson } from "../kit/irc-person.ts";
import { openIrcServer } from "../kit/irc-server.ts";

channelContract("irc", async () => {
  const server = await openIrcServer({ password: "server-password" });
  const person = await openIrcPerson(server.port, "ann", "server-password");
  return {
    channel,
    section: { host: "127.0.0.1", port: server.port, tls: false, nick: "bot", password: "server-password" },
    say: async (text) => {
      await server.client("bot");
      person.say("bot", text);
    },
    chatId: "ann!~ann@127.0.0.1",
    noSuchChat: "nobody",
    seen: () => person.heard.map((line) => line.split(" ").slice(2).join(" ")),
    refuseCredential() {
      server.options.password = "another";
    },
    async dropConnections() {
      (await server.client("bot")).socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      person[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
});
