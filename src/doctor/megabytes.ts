const BYTES = 1_048_576;

/** `193 MB`, rounded down: what is said to be there is there. */
export function megabytes(bytes: number): string {
  return `${Math.floor(bytes / BYTES)} MB`;
}

export function inBytes(megabytes: number): number {
  return megabytes * BYTES;
}
