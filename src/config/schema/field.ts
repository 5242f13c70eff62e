import * as v from "valibot";
import { nearest } from "../nearest.ts";

/**
 * The few kinds of field the config is made of. The message of each says what is expected;
 * `validate.ts` puts what was found next to it.
 */
export const flag = () => v.boolean("true or false");

export const text = (maxChars = 4096) => {
  const expected = `text of at most ${maxChars} characters`;
  return v.pipe(v.string(expected), v.maxLength(maxChars, expected));
};

export const wholeNumber = (min: number, max: number) => {
  const expected = `a whole number from ${min} to ${max}`;
  return v.pipe(
    v.number(expected),
    v.integer(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
};

export const number = (min: number, max: number) => {
  const expected = `a number from ${min} to ${max}`;
  return v.pipe(v.number(expected), v.minValue(min, expected), v.maxValue(max, expected));
};

export const oneOf = <const Options extends readonly string[]>(options: Options) =>
  v.picklist(options, (issue) => {
    const words = options.map((option) => `"${option}"`).join(", ");
    const close = typeof issue.input === "string" ? nearest(issue.input, options) : undefined;
    return close ? `one of ${words} (did you mean "${close}"?)` : `one of ${words}`;
  });

export const matching = (pattern: RegExp, expected: string, maxChars = 256) =>
  v.pipe(v.string(expected), v.maxLength(maxChars, expected), v.regex(pattern, expected));

export const listOf = <Item extends v.GenericSchema>(item: Item, maxItems = 256) =>
  v.pipe(v.array(item, "a list"), v.maxLength(maxItems, `a list of at most ${maxItems} entries`));

const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Free names, one kind of value. */
export const mapOf = <Value extends v.GenericSchema>(value: Value, maxKeys = 1024) =>
  v.pipe(
    v.unknown(),
    v.check(isObject, "an object"),
    v.record(v.pipe(v.string(), v.maxLength(512, "a key of at most 512 characters")), value),
    v.maxEntries(maxKeys, `an object of at most ${maxKeys} keys`),
  );

type Optional<Entries> = {
  [Key in keyof Entries]: Entries[Key] extends v.GenericSchema
    ? v.OptionalSchema<Entries[Key], undefined>
    : never;
};

function optional<Entries extends v.ObjectEntries>(entries: Entries): Optional<Entries> {
  const out: Record<string, v.GenericSchema> = {};
  for (const [key, schema] of Object.entries(entries)) out[key] = v.optional(schema as v.GenericSchema);
  return out as Optional<Entries>;
}

/** An object with these keys and no others; all of them may be left out. */
export const section = <Entries extends v.ObjectEntries>(entries: Entries) => sectionWith({}, entries);

/** Like `section`, with keys that must be there. */
export function sectionWith<Required extends v.ObjectEntries, Entries extends v.ObjectEntries>(
  required: Required,
  entries: Entries,
) {
  const all = { ...required, ...optional(entries) };
  const known = Object.keys(all);
  return v.pipe(
    v.unknown(),
    v.check(isObject, "an object"),
    v.strictObject(all, (issue) => {
      if (issue.expected === "never") return unrecognized(String(issue.input), known);
      return issue.expected?.startsWith('"') ? `Missing key: ${issue.expected}` : "an object";
    }),
  );
}

/** An object of which we know some keys; the others are kept and not looked at. */
export const open = <Entries extends v.ObjectEntries>(entries: Entries) =>
  v.pipe(v.unknown(), v.check(isObject, "an object"), v.looseObject(optional(entries)));

/** Keys that other versions write and this one keeps without looking inside. */
export function carried<const Key extends string>(...keys: Key[]): Record<Key, v.UnknownSchema> {
  const out = {} as Record<Key, v.UnknownSchema>;
  for (const key of keys) out[key] = v.unknown();
  return out;
}

function unrecognized(key: string, known: readonly string[]): string {
  const close = nearest(key, known);
  return `Unrecognized key: "${key}"${close ? ` — did you mean "${close}"?` : ""}`;
}

/** A duration such as "30m", "24h", "7d", or plain "0". */
export const duration = () =>
  matching(/^\d{1,9}(\.\d{1,3})?(ms|s|m|h|d|w)?$/, 'a duration such as "30s", "30m" or "24h"', 16);

/** A secret: the value itself, or a reference to where it is kept. */
const secretRef = () => sectionWith({ source: text(64), id: text(1024) }, { provider: text(256) });

export const secret = () =>
  v.union([text(16_384), secretRef()], 'text, or a reference such as {source: "env", id: "NAME"}');

export const port = () => wholeNumber(1, 65_535);
