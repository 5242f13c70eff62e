/**
 * C0 and C1 controls, DEL, the Unicode line separators and the direction overrides: everything with which text
 * from outside can end a line, move a cursor or reorder what a person reads.
 */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** One physical line that cannot steer a terminal: line feed becomes `\n`, ESC becomes `\u001b`, spelt out. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (char) => NAMED[char] ?? escaped(char));
}

/** The same for a line of JSON, where only what JSON itself leaves raw has to be escaped; the value is unchanged. */
export function printableJson(line: string): string {
  return line.replace(UNSAFE, (char) => (char === "\n" ? char : escaped(char)));
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
