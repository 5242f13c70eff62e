import { createHash, timingSafeEqual } from "node:crypto";

const HIDDEN = "***";

/** A credential that does not print, log or serialise itself; only `reveal` gives the value away. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  /** Constant time, over digests, so that neither length nor common prefix can be measured. */
  equals(other: string): boolean {
    return timingSafeEqual(digest(this.#value), digest(other));
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return HIDDEN;
  }
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
