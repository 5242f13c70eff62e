/** What all clients together have not read yet, and how much of it one may have. */
export interface Outflow {
  add(bytes: number): void;
  /** Unread bytes from which on events of one client are left out. */
  budget(): number;
  total(): number;
  /** While memory is short everybody gets little room. */
  tighten(tight: boolean): void;
}

const PLENTY_BYTES = 16 * 1_048_576;
const ROOMY_BYTES = 1_048_576;
const TIGHT_BYTES = 16_384;

/** While there is room, a client that is slow for a moment misses nothing; a thousand of them share what there is. */
export function openOutflow(): Outflow {
  let total = 0;
  let isTight = false;
  return {
    add(bytes) {
      total += bytes;
    },
    budget: () => (isTight || total > PLENTY_BYTES ? TIGHT_BYTES : ROOMY_BYTES),
    total: () => total,
    tighten(tight) {
      isTight = tight;
    },
  };
}
