import type { Capabilities } from "../../../channels/channel.ts";
import { CHANNELS } from "../../../channels/channels.gen.ts";
import { findChannel } from "../../channels/known-channel.ts";
import { columns } from "../../columns.ts";
import { defineCommand } from "../../command.ts";

interface Shown {
  channels: { id: string; label: string; capabilities: Capabilities }[];
}

export default defineCommand({
  summary: "Show what each chat app can do here",
  positionals: { platform: { summary: "only this one", optional: true } },
  options: { channel: { type: "string", placeholder: "id", summary: "the same as an option" } },
  run({ platform, channel }, { name }): Shown {
    const wanted = platform ?? channel;
    const chosen = wanted === undefined ? CHANNELS : [findChannel(wanted, name)];
    return { channels: chosen.map(({ id, label, capabilities }) => ({ id, label, capabilities })) };
  },
  render({ channels }, { io }) {
    for (const { label, capabilities } of channels) {
      io.out(label);
      for (const line of columns(rowsOf(capabilities))) io.out(line);
    }
  },
});

function rowsOf(capabilities: Capabilities): [string, string][] {
  const { chats, maxTextLength, maxUploadBytes, maxDownloadBytes, exclusive, ...can } = capabilities;
  const words = {
    edit: "edits",
    react: "reactions",
    typing: "typing",
    reply: "replies",
    nativeCommands: "commands",
  };
  const able = Object.entries(words).filter(([key]) => can[key as keyof typeof can]);
  return [
    ["Chats", chats.join(", ")],
    ["Longest message", `${maxTextLength}; longer replies are split`],
    ["Files", filesText(maxUploadBytes, maxDownloadBytes)],
    ["Also", able.map(([, word]) => word).join(", ") || "nothing else"],
    [
      "Connections",
      exclusive ? "one per token: a second program with the same token fails" : "several at once",
    ],
  ];
}

function filesText(up: number, down: number): string {
  const size = (bytes: number) => (bytes === 0 ? "none" : `up to ${Math.floor(bytes / 1_048_576)} MB`);
  return up === 0 && down === 0 ? "none" : `sent ${size(up)}, received ${size(down)}`;
}
