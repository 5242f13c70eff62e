import { call } from "../http.ts";
import type { FakeTelegram } from "./server.ts";

/** A call of the Bot API by another program with the same token. */
export async function callBotApi(
  { apiRoot, token }: FakeTelegram,
  method: string,
  fields: Record<string, unknown> = {},
  // biome-ignore lint/suspicious/noExplicitAny: answers as the Bot API gives them
): Promise<any> {
  const port = Number(new URL(apiRoot).port);
  return (await call({ port, path: `/bot${token}/${method}`, method: "POST", body: fields })).json;
}
