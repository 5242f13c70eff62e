/** Figures of protocol.md §1.4. Sizes in bytes, times in milliseconds. */
export const PROTOCOL_VERSION = 4;
export const MIN_PROBE_PROTOCOL = 3;
export const DEFAULT_PORT = 18_789;

export const LIMITS = {
  preAuthFrameBytes: 65_536,
  preAuthSocketsPerIp: 32,
  handshakeTimeoutMs: 15_000,
  maxPayloadBytes: 26_214_400,
  maxBufferedBytes: 52_428_800,
  tickIntervalMs: 30_000,
  pingIntervalMs: 25_000,
  attachmentBytes: 19_464_192,
  imageBytes: 6_291_456,
  queuedRequestsPerConnection: 256,
  /** Frames that may come while a `connect` is being decided. */
  handshakeFrames: 15,
  /** Events in a row that a client may miss because it does not read. */
  skippedEvents: 256,
  /** Fragments of one message, and control frames within a second. */
  fragmentsPerMessage: 1_024,
  controlFramesPerSecond: 100,
  /** Nesting of a request, and values in it. */
  jsonDepth: 64,
  jsonValues: 200_000,
  deviceSignatureSkewMs: 120_000,
  closeReasonBytes: 123,
  closeAnswerMs: 2_000,
  unauthorizedRoleAnswers: 10,
} as const;

/** WebSocket close codes the gateway sends (protocol.md §1.5). */
export const CLOSE = {
  normal: 1000,
  protocolMismatch: 1002,
  policy: 1008,
  tooLarge: 1009,
  internal: 1011,
  restart: 1012,
  tryLater: 1013,
  authChanged: 4001,
} as const;

/** Close reasons are limited to 123 UTF-8 bytes; the cut never splits a character. */
export function closeReason(text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= LIMITS.closeReasonBytes) return text;
  let end = LIMITS.closeReasonBytes;
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return new TextDecoder().decode(bytes.subarray(0, end));
}
