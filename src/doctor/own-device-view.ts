/** This user's commands as a device of the gateway they use; undefined where they keep no token for it. */
export interface OwnDeviceView {
  deviceId: string;
  /** `ws[s]://host:port` of the gateway. */
  origin: string;
  /** What it has kept for it. */
  token: string;
  /** Where it is kept. */
  file: string;
  /** The gateway is the one of this state folder. */
  local: boolean;
  /** Gets another token for the rights it has. */
  renew(): Promise<void>;
  /** Throws the token away; the next command shows the secret, or asks to be paired. */
  forget(): void;
}
