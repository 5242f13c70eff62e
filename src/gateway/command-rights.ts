import { hasScope } from "../protocol/scopes.ts";
import type { CommandRights } from "../turn/message.ts";
import type { Connection } from "./connection.ts";

/** A command typed over the wire can do no more than the methods its sender may call: resetting is for operator.admin. */
export function commandRights({ principal }: Connection): CommandRights {
  return { may: hasScope(principal.scopes, "operator.admin") ? "session" : "settings" };
}
