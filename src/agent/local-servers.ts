import type { Outbound } from "../platform/outbound.ts";
import { isRecord } from "../protocol/frames.ts";
import { LOCAL_SERVERS, localBaseUrl } from "./known-providers.ts";

export interface ProbeInput {
  outbound: Outbound;
  signal: AbortSignal;
  /** Ports by name of local server; only these are asked. Their usual ports where it is not given. */
  ports?: Readonly<Record<string, number>>;
}

export interface FoundServer {
  provider: string;
  model: string;
  baseUrl: string;
  /** "Ollama on 127.0.0.1:11434". */
  detail: string;
}

/** A server on this machine answers at once or is not there. */
const DEADLINE_MS = 400;
const MAX_BODY_BYTES = 1024 * 1024;
/** Listed by some servers beside the models one can talk to. */
const NOT_FOR_CHAT = /embed|rerank|whisper|tts/i;
/** Another gateway, or this one: taking it as a model would answer itself in a circle. */
const GATEWAY = /^openclaw(\/|$)/;

/** Asks all at once, loopback only. The first in the order of LOCAL_SERVERS that lists a usable model. */
export async function probeLocalServers({
  outbound,
  signal,
  ports,
}: ProbeInput): Promise<FoundServer | undefined> {
  const asked = Object.entries(LOCAL_SERVERS).flatMap(([provider, { title, port: usual }]) => {
    const port = ports ? ports[provider] : usual;
    return port === undefined ? [] : [{ provider, title, port }];
  });
  const answers = await Promise.all(
    asked.map(async ({ provider, title, port }) => {
      const baseUrl = localBaseUrl(port);
      const model = await firstModel(`${baseUrl}/models`, outbound, signal);
      return model ? { provider, model, baseUrl, detail: `${title} on 127.0.0.1:${port}` } : undefined;
    }),
  );
  return answers.find((answer) => answer !== undefined);
}

async function firstModel(url: string, outbound: Outbound, signal: AbortSignal): Promise<string | undefined> {
  const deadlines = {
    connectMs: DEADLINE_MS,
    firstByteMs: DEADLINE_MS,
    idleMs: DEADLINE_MS,
    totalMs: DEADLINE_MS,
  };
  try {
    const response = await outbound.request({ url, signal, deadlines });
    if (response.status !== 200) {
      response.discard();
      return undefined;
    }
    return modelIn(JSON.parse(await response.text(MAX_BODY_BYTES)));
  } catch {
    // Nobody there, somebody slow, or no model server at all: each means "not found" to the one who asks.
    return undefined;
  }
}

function modelIn(body: unknown): string | undefined {
  if (!isRecord(body) || !Array.isArray(body.data)) return undefined;
  for (const entry of body.data) {
    const id = isRecord(entry) ? entry.id : undefined;
    if (typeof id !== "string" || id === "") continue;
    if (GATEWAY.test(id)) return undefined;
    if (!NOT_FOR_CHAT.test(id)) return id;
  }
  return undefined;
}
