import type { TypedCommand } from "../sessions/journal.ts";
import type { Session } from "../sessions/store.ts";
import type { InboundMessage } from "./message.ts";
import type { Route } from "./route.ts";
import type { TurnServices } from "./services.ts";
import { openTurnStream, type TurnStream } from "./stream.ts";

/** One accepted turn on its way. */
export interface Turn {
  runId: string;
  message: InboundMessage;
  route: Route;
  session: Session;
  stream: TurnStream;
  /** What was typed for the gateway itself. */
  command: TypedCommand | undefined;
}

export function openTurn(
  message: InboundMessage,
  route: Route,
  session: Session,
  services: TurnServices,
  command?: TypedCommand,
): Turn {
  const identity = {
    runId: message.runId,
    sessionKey: session.key,
    sessionId: session.sessionId,
    agentId: session.agentId,
    originConnId: message.originConnId,
  };
  return {
    runId: message.runId,
    message,
    route,
    session,
    command,
    stream: openTurnStream(identity, services.publish, services.clock),
  };
}
