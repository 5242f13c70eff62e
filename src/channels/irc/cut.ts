/** What must stay with the character before it: marks, joiners, variation selectors, skin tones. */
const STAYS = /^(?:\p{M}|\p{Emoji_Modifier}|\u200d)$/u;
const TOGGLES = "\u0002\u001d\u001e\u001f\u0011\u0016";

/**
 * Cuts a line into pieces of at most `maxBytes`, at a space where there is one in the last third, and inside of no character.
 * Formatting that is on at a cut goes on in the next piece.
 */
export function cutLine(line: string, maxBytes: number): string[] {
  const pieces: string[] = [];
  let left = line;
  while (Buffer.byteLength(left) > maxBytes) {
    const end = cutAt(left, maxBytes);
    const piece = left.slice(0, end);
    pieces.push(piece.trimEnd());
    left = openToggles(piece) + left.slice(end).replace(/^ +/, "");
  }
  return [...pieces, left].filter((piece) => piece !== "");
}

function cutAt(text: string, maxBytes: number): number {
  let bytes = 0;
  let end = 0;
  let lastWhole = 0;
  let lastSpace = 0;
  let before = "";
  for (const char of text) {
    // Where a character begins that does not belong to the one before.
    if (!STAYS.test(char) && before !== "\u200d") lastWhole = end;
    bytes += Buffer.byteLength(char);
    if (bytes > maxBytes) break;
    if (char === " ") lastSpace = end;
    end += char.length;
    before = char;
  }
  if (lastSpace > (lastWhole * 2) / 3) return lastSpace;
  // One character of more marks than fit is cut all the same.
  return lastWhole > TOGGLES.length ? lastWhole : end;
}

/** Those that were switched on an odd number of times. */
function openToggles(text: string): string {
  return [...TOGGLES].filter((toggle) => text.split(toggle).length % 2 === 0).join("");
}
