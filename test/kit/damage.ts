/** mulberry32: the same seed gives the same damage. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type Damage = (bytes: Buffer, random: () => number) => Buffer;

const FLIPS = 40;

/** What bad blocks, full disks, power cuts and other programs make of a file. */
export const DAMAGES: Record<string, Damage> = {
  "cut off": (bytes, random) => bytes.subarray(0, Math.floor(random() * bytes.length)),
  "overwritten with zeros": (bytes) => Buffer.alloc(bytes.length),
  "filled with garbage": (_bytes, random) =>
    Buffer.from(Array.from({ length: 1 + Math.floor(random() * 5_000) }, () => Math.floor(random() * 256))),
  "40 bits flipped": (bytes, random) => {
    const copy = Buffer.from(bytes);
    for (let flip = 0; flip < FLIPS; flip++) {
      const at = Math.floor(random() * copy.length);
      copy[at] = copy[at]! ^ (1 << Math.floor(random() * 8));
    }
    return copy;
  },
};
