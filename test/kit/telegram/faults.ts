import type { IncomingMessage, ServerResponse } from "node:http";

/** What happens to a call in place of an answer. */
export type Fault =
  /** The connection is reset and the call never happened. */
  | "reset-before"
  /** It happened, and its answer got lost. */
  | "reset-after"
  /** It never happened, and nothing ever comes: a half-open connection looks like this. */
  | "hang"
  /** It happened, and nothing ever comes. */
  | "hang-after"
  /** The answer begins and goes silent. */
  | "stall"
  | "malformed"
  /** A proxy on the way answers for a server that is away. */
  | { html: 502 | 503 | 504 | 413; after?: true }
  | { slowMs: number }
  | { refusal: { code: number; description: string; parameters?: Record<string, number> } };

export interface FaultRule {
  fault: Fault;
  /** Of the Bot API, or "file" for downloads; all without it. */
  method?: string | RegExp;
  /** Default: until it is disposed. */
  times?: number;
}

export const tooMany = (retry_after: number): Fault => ({
  refusal: {
    code: 429,
    description: `Too Many Requests: retry after ${retry_after}`,
    parameters: { retry_after },
  },
});
export const unauthorized: Fault = { refusal: { code: 401, description: "Unauthorized" } };
export const blocked: Fault = {
  refusal: { code: 403, description: "Forbidden: bot was blocked by the user" },
};
export const otherPoller: Fault = {
  refusal: {
    code: 409,
    description:
      "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
  },
};

/** The rules in force, first match wins. */
export function createFaults() {
  const rules: (FaultRule & { left: number })[] = [];
  return {
    inject(rule: FaultRule): Disposable {
      const entry = { ...rule, left: rule.times ?? Number.POSITIVE_INFINITY };
      rules.push(entry);
      return {
        [Symbol.dispose]() {
          entry.left = 0;
        },
      };
    },
    next(method: string): Fault | undefined {
      const rule = rules.find(
        ({ left, method: wanted }) =>
          left > 0 &&
          (wanted === undefined || (typeof wanted === "string" ? wanted === method : wanted.test(method))),
      );
      if (!rule) return undefined;
      rule.left--;
      return rule.fault;
    },
    clear(): void {
      rules.length = 0;
    },
  };
}

/** True when the call has to be carried out before its answer is spoiled. */
export const happensFirst = (fault: Fault): boolean =>
  fault === "reset-after" ||
  fault === "hang-after" ||
  (typeof fault === "object" && "html" in fault && fault.after === true);

/** Spoils the answer. False: it is to be answered after all. */
export async function spoil(
  fault: Fault,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (fault === "reset-before" || fault === "reset-after") {
    request.socket.resetAndDestroy();
  } else if (fault === "stall") {
    response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
    response.write('{"ok":true,"resu');
  } else if (fault === "malformed") {
    response.writeHead(200, { "content-type": "application/json" });
    response.end('{"ok":true,"result":[{"update_id":');
  } else if (typeof fault === "object" && "html" in fault) {
    response.writeHead(fault.html, { "content-type": "text/html" });
    response.end(`<html><head><title>${fault.html} Bad Gateway</title></head><body>nginx</body></html>`);
  } else if (typeof fault === "object" && "refusal" in fault) {
    const { code, description, parameters } = fault.refusal;
    sendJson(response, code, { ok: false, error_code: code, description, ...(parameters && { parameters }) });
  } else if (typeof fault === "object") {
    await new Promise((resolve) => setTimeout(resolve, fault.slowMs));
    return false;
  }
  // "hang": nothing.
  return true;
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
