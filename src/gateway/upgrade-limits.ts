/** What a client that has not proven itself may cost (protocol.md §1.4). */
export interface UpgradeLimits {
  handshakeTimeoutMs: number;
  preAuthSocketsPerIp: number;
}
