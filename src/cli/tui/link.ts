import { type CloseInfo, ConnectionError, type GatewayConnection } from "../../protocol/client.ts";
import type { EventFrame } from "../../protocol/frames.ts";
import type { CommandContext } from "../context.ts";

/** A connection that comes back by itself. */
export interface Link {
  /** Undefined while connected, else why not. */
  readonly lost: string | undefined;
  /** Rejects with "gateway not connected" while it is lost. */
  call<T>(method: string, params: unknown): Promise<T>;
  close(): void;
}

export interface LinkInput {
  context: CommandContext;
  onEvent(event: EventFrame): void;
  /** It was lost, or another attempt has failed: `lost` has changed. */
  onLost(): void;
  /** After each connect, the first one excepted. */
  onBack(): void;
}

const CALL_MS = 30_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

/** Rejects with the `Fault` of the first attempt: what is wrong from the beginning needs a person. */
export async function openLink({ context, onEvent, onLost, onBack }: LinkInput): Promise<Link> {
  let lost: string | undefined;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;
  let attempts = 0;

  const how = {
    scopes: ["operator.admin", "operator.read", "operator.write", "operator.approvals"],
    client: { id: "openclaw-tui", mode: "ui" },
    caps: ["tool-events"],
    withDevice: true,
    onEvent,
    onClose,
  } as const;
  let connection: GatewayConnection | undefined;
  connection = await context.connect({ ...how, surface: "send" });

  /** Attempts that fail close a socket too. */
  function onClose({ code, reason }: CloseInfo): void {
    if (closed || !connection || lost !== undefined) return;
    lost = reason || (code === 1006 || code === 1005 ? "closed" : `code ${code}`);
    onLost();
    tryAgain();
  }

  function tryAgain(): void {
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** attempts++, LONGEST_RETRY_MS);
    retry = setTimeout(async () => {
      const reached = await reachAgain();
      if (closed) return;
      if (typeof reached === "string") {
        lost = reached;
        onLost();
        tryAgain();
        return;
      }
      connection = reached;
      lost = undefined;
      attempts = 0;
      onBack();
    }, waitMs);
  }

  /** The connection, or why there is none. */
  async function reachAgain(): Promise<GatewayConnection | string> {
    try {
      const reached = await context.reach(how);
      if (reached.kind === "connected") return reached.connection;
      const byOwner = await context.reach({ ...how, byOwner: true });
      return byOwner.kind === "connected" ? byOwner.connection : reached.trouble.reason;
    } catch (error) {
      // A config that is being edited, say: the next attempt may find it whole.
      return (error as Error).message;
    }
  }

  return {
    get lost() {
      return lost;
    },
    call(method, params) {
      if (!connection || lost !== undefined)
        return Promise.reject(new ConnectionError("gateway not connected"));
      return connection.call(method, params, { timeoutMs: CALL_MS });
    },
    close() {
      closed = true;
      clearTimeout(retry);
      connection?.close();
    },
  };
}
