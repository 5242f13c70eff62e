import type { Role } from "../protocol/scopes.ts";

/** Who is calling, as the authenticator found it. Handlers see this and never what a client said of itself. */
export interface Principal {
  role: Role;
  scopes: ReadonlySet<string>;
  method: "token" | "password" | "none";
  clientId: string;
  clientMode: string;
  ip: string;
  localDirect: boolean;
  deviceId: string | undefined;
}
