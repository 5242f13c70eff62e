import type { Role } from "../protocol/scopes.ts";

/** What somebody has shown (protocol.md §4.2); `local-owner` came by the socket of the state folder. */
export type AuthMethod =
  | "token"
  | "password"
  | "none"
  | "device-token"
  | "bootstrap-token"
  | "trusted-proxy"
  | "tailscale"
  | "local-owner";

/** Who is calling, as the authenticator found it. Handlers see this and never what a client said of itself. */
export interface Principal {
  role: Role;
  scopes: ReadonlySet<string>;
  method: AuthMethod;
  clientId: string;
  clientMode: string;
  ip: string;
  localDirect: boolean;
  deviceId: string | undefined;
}

/** Whether what proved this caller is the secret, or the mode, of the config: a new one ends it (AUTH-28). */
export function restsOnConfig({ method }: Principal): boolean {
  return method !== "device-token" && method !== "bootstrap-token" && method !== "local-owner";
}
