import { hideSecrets, knownSpellings } from "../config/hide-secrets.ts";
import { hideVerbatim, redactConfig } from "../config/redact.ts";
import { sha256Hex } from "../platform/files.ts";

/** Makes what leaves this machine fit for it. */
export interface Shareable {
  /** Any data, without secrets and without who talks in which session. */
  data(value: unknown): unknown;
  text(text: string): string;
  /** One line of the log. */
  logLine(line: string): string;
}

const HIDDEN = "***";
/** Names of sessions hold phone numbers and addresses. */
const SESSION_FIELD = /^(sessionKey|lane|lanes)$/;

export function shareable(secrets: readonly string[], home: string): Shareable {
  const known = knownSpellings(secrets);
  const hideHome = (text: string) => (home.length > 1 ? text.replaceAll(home, "~") : text);
  const text = (raw: string) => hideHome(hideSecrets(raw, known, HIDDEN));

  /** Names give secrets away in data; a pattern for text could break what is no text. */
  function data(value: unknown): unknown {
    return mapped(redactConfig(value, known), (raw, key) => {
      const plain = hideHome(hideVerbatim(raw, known, HIDDEN));
      return SESSION_FIELD.test(key) ? sessionName(plain) : plain;
    });
  }

  return {
    data,
    text,
    logLine(line) {
      try {
        const record = data(JSON.parse(line)) as Record<string, unknown>;
        const message = typeof record.message === "string" ? { message: text(record.message) } : {};
        return JSON.stringify({ ...record, ...message });
      } catch {
        return text(line);
      }
    },
  };
}

function mapped(value: unknown, map: (text: string, key: string) => string, key = ""): unknown {
  if (typeof value === "string") return map(value, key);
  if (Array.isArray(value)) return value.map((item) => mapped(item, map, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, mapped(child, map, name)]));
}

/** `agent:main:main` stays, of all others the same one keeps the same mark. */
function sessionName(key: string): string {
  const [, agent, rest = ""] = /^(agent:[^:]+:)(.+)$/s.exec(key) ?? [];
  if (agent === undefined || rest === "main") return key;
  return `${agent}#${sha256Hex(rest).slice(0, 8)}`;
}
