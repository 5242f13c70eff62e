import { isRecord } from "../protocol/frames.ts";

/** Text that was pasted, in the forms it is searched in. */
export interface Paste {
  /** One line per line of the original without colours, frames, times and prefixes; texts inside JSON lines follow. */
  lines: readonly string[];
  /** The lines as one text; and without line ends where they seem to be broken in the middle of words, else "". */
  wrapped: string;
  unwrapped: string;
  words: Words;
}

/** The words of a text written without anything between them, so that wrapping and punctuation do not count. */
export interface Words {
  squeezed: string;
  /** 1 where a word begins (or ends) in `squeezed`; the array of ends is as long as `squeezed` plus one. */
  begins: Uint8Array;
  ends: Uint8Array;
  /** Where lines end, in `squeezed`; ascending. */
  lineEnds: readonly number[];
  /** The whole words between two places of `squeezed`. */
  between(from: number, to: number): string[];
}

/** More is not read: the beginning may hold the question, the end of a log tells what happened last. */
const MAX_CHARS = 65_536;
const HEAD_CHARS = 16_384;
const MAX_LINE_CHARS = 4_096;
const MAX_JSON_DEPTH = 4;
const MAX_QUOTES = 50;
const MAX_RAGGED = 4;

/** Stands for every address with a port, port and process id: they differ from machine to machine. */
const PLACE = "\ue000";

const ANSI = /\u001b(?:\[[0-?]{0,32}[ -/]{0,8}[@-~]|\][^\u0007\u001b]{0,512}(?:\u0007|\u001b\\)|[@-Z\\-_])/g;
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/g;
const FRAME = /[\u2500-\u259f\u25a0-\u25ff\u2800-\u28ff]/g;
const DASH = /[\u2010-\u2015\u2212\ufe58\ufe63]/g;
const DOUBLE_QUOTE = /[\u201c-\u201f\u00ab\u00bb\u300c-\u300f\u301d-\u301f]/g;
const SINGLE_QUOTE = /[\u2018-\u201b\u2039\u203a]/g;

/** Same text, one spelling: no colours, plain quotes and dashes, half-width letters, single blanks. */
export function plainText(text: string): string {
  const plain = /^[\n\x20-\x7e]*$/.test(text) ? text : withOneSpelling(text);
  return plain.replace(/[^\S\n]{1,4096}/g, " ");
}

function withOneSpelling(text: string): string {
  return text
    .replace(ANSI, "")
    .replace(/\r\n?/g, "\n")
    .normalize("NFKC")
    .replace(INVISIBLE, "")
    .replace(/[\u2028\u2029]/g, "\n")
    .replace(FRAME, " ")
    .replace(DASH, "-")
    .replace(DOUBLE_QUOTE, '"')
    .replace(SINGLE_QUOTE, "'");
}

export function readPaste(text: string): Paste {
  const lines: string[] = [];
  const quoted: string[] = [];
  for (const raw of plainText(bounded(text)).split("\n")) {
    const line = withoutPrefix(raw);
    if (line.trim() === "") continue;
    for (let at = 0; at < line.length; at += MAX_LINE_CHARS) lines.push(line.slice(at, at + MAX_LINE_CHARS));
    const inside = textsInJson(line);
    lines.push(...inside);
    if (inside.length === 0 && quoted.length < MAX_QUOTES) quoted.push(...quotedParts(line));
  }
  lines.push(...quoted);
  return {
    lines,
    wrapped: lines.join("\n"),
    unwrapped: isHardWrapped(lines) ? lines.join("") : "",
    words: squeeze(lines),
  };
}

/** Lines of one length but for the last: a terminal has broken them, be it in the middle of a word. */
function isHardWrapped(lines: readonly string[]): boolean {
  const full = lines.slice(0, -1).map((line) => line.length);
  return full.length > 0 && Math.max(...full) - Math.min(...full) <= MAX_RAGGED;
}

function bounded(text: string): string {
  if (text.length <= MAX_CHARS) return text;
  return `${text.slice(0, HEAD_CHARS)}\n${text.slice(HEAD_CHARS - MAX_CHARS)}`;
}

/** What programs put before a message: container and process names, times, the marks of a quotation. */
const PREFIXES: readonly RegExp[] = [
  /^ {0,40}(?:[>#$*|+-] |\d{1,3}[.)] ){1,4}/,
  /^ ?[\w.-]{1,60} {0,20}\| /,
  /^ ?\d{1,4}\|[\w.-]{1,60} {0,20}\| /,
  /^ ?\[? ?\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?\]?:? ?/,
  /^ ?\[?\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?: ?[AaPp][Mm])?\]? ?/,
  /^ ?[A-Z][a-z]{2} {1,2}\d{1,2} \d{2}:\d{2}:\d{2} [\w.-]{1,80} [\w./-]{1,80}(?:\[\d{1,10}\])?: /,
  /^ ?\[ {0,8}\d{1,9}\.\d{1,9}\] /,
  /^ ?\[?(?:INFO|WARN|WARNING|ERROR|FATAL|DEBUG|TRACE|info|warn|error|debug)\]?(?: {1,8}|: (?=\[))/,
];

function withoutPrefix(line: string): string {
  let rest = line;
  for (let round = 0; round < 3; round++) {
    const before = rest.length;
    for (const prefix of PREFIXES) rest = rest.replace(prefix, "");
    if (rest.length === before) break;
  }
  return rest;
}

/** The messages of a line of JSON, as a log or a wire frame has them. */
function textsInJson(line: string): string[] {
  const from = line.indexOf("{");
  const to = line.lastIndexOf("}");
  if (from === -1 || to <= from) return [];
  try {
    const texts: string[] = [];
    collect(JSON.parse(line.slice(from, to + 1)), texts, 0);
    return texts;
  } catch {
    return [];
  }
}

const NO_MESSAGES = new Set([
  "time",
  "level",
  "subsystem",
  "fix",
  "hint",
  "stack",
  "_meta",
  "pid",
  "hostname",
]);

function collect(value: unknown, texts: string[], depth: number): void {
  if (typeof value === "string")
    texts.push(...value.split("\n").map((text) => text.slice(0, MAX_LINE_CHARS)));
  if (typeof value !== "object" || value === null || depth === MAX_JSON_DEPTH) return;
  const { subsystem, message } = isRecord(value) ? value : {};
  if (typeof subsystem === "string" && typeof message === "string") texts.push(`[${subsystem}] ${message}`);
  for (const [key, inner] of Object.entries(value))
    if (!NO_MESSAGES.has(key)) collect(inner, texts, depth + 1);
}

/** In a question the text itself is often between quotes or backticks. */
function quotedParts(line: string): string[] {
  const parts = line.matchAll(/"([^"]{4,300})"|`([^`]{4,300})`|'([^']{8,300})'/g);
  return Array.from(parts.take(MAX_QUOTES), ([, double, tick, single]) => double ?? tick ?? single ?? "");
}

const URL_LIKE = /\b(?:wss?|https?):\/\/[^\s"'<>)\]]{1,400}/g;
const HOST = [
  "localhost",
  "\\*",
  "::",
  "\\[[0-9a-f:.]{2,45}\\]",
  "(?:\\d{1,3}\\.){3}\\d{1,3}",
  "[\\w-]{1,63}(?:\\.[\\w-]{1,63}){1,8}",
  "[a-z][\\w-]{0,62}(?=:\\d{4,5}\\b)",
].join("|");
const HOST_PORT = new RegExp(`(?<![\\w.])(?:(?:${HOST}):\\d{2,5}|:\\d{4,5})\\b(?!:)`, "gi");
const NUMBERED = /\b(port|pid)([ =:#]{1,3})\d{1,10}\b/gi;

/** Addresses, ports and process ids of any machine become the same. */
function withoutPlaces(text: string): string {
  if (!/:\d|:\/\/|\bport\b|\bpid\b/i.test(text)) return text;
  return text
    .replace(URL_LIKE, PLACE)
    .replace(HOST_PORT, PLACE)
    .replace(NUMBERED, (_, word: string) => `${word} ${PLACE}`);
}

/** A Chinese or Japanese character, letters and digits of other scripts, or a place. */
const WORD = /[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[a-z0-9_\u00c0-\u1fff\uac00-\ud7af]+|\ue000/g;

/** Latin words in lower case; every Chinese or Japanese character is a word of its own. */
export function wordsOf(text: string): string[] {
  return withoutPlaces(text).toLowerCase().match(WORD) ?? [];
}

export function squeeze(lines: readonly string[]): Words {
  const words: string[] = [];
  const lineEnds: number[] = [];
  let length = 0;
  for (const line of lines) {
    for (const word of wordsOf(line)) {
      words.push(word);
      length += word.length;
    }
    if (lineEnds.at(-1) !== length) lineEnds.push(length);
  }
  const begins = new Uint8Array(length + 1);
  const ends = new Uint8Array(length + 1);
  let at = 0;
  for (const word of words) {
    begins[at] = 1;
    at += word.length;
    ends[at] = 1;
  }
  const squeezed = words.join("");
  return { squeezed, begins, ends, lineEnds, between };

  function between(from: number, to: number): string[] {
    const found: string[] = [];
    for (let begin = from, end = from + 1; end <= to; end++) {
      if (!ends[end]) continue;
      found.push(squeezed.slice(begin, end));
      begin = end;
    }
    return found;
  }
}
