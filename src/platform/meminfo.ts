/** Memory of the machine, from `/proc/meminfo`. Pure. */
export interface Meminfo {
  totalBytes: number;
  /** What programs can have without anything being swapped out. */
  availableBytes: number;
  swapTotalBytes: number;
}

export function parseMeminfo(text: string): Meminfo | undefined {
  const bytesOf = (name: string) => {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
  };
  const totalBytes = bytesOf("MemTotal");
  const availableBytes = bytesOf("MemAvailable");
  if (totalBytes === undefined || availableBytes === undefined) return undefined;
  return { totalBytes, availableBytes, swapTotalBytes: bytesOf("SwapTotal") ?? 0 };
}
