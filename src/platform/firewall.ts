import type { Host } from "./host.ts";
import { programsOnPath } from "./programs.ts";

/** The firewall of this machine that is in use, or is there to be used. Told by files alone; nothing is run. */
export type Firewall = "ufw" | "firewalld" | "iptables" | "macos";

/** Firewalls are run by root and are found where root looks. */
const ROOT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export function firewallOf({ platform, text }: Pick<Host, "platform" | "text">): Firewall | undefined {
  if (platform === "darwin") return "macos";
  if (platform !== "linux") return undefined;
  const has = (name: string) => programsOnPath(name, ROOT_PATH).length > 0;
  // Only ufw says in a file whether it is switched on; it may be installed and rest.
  const ufw = has("ufw") ? (/^ENABLED=yes/m.test(text("/etc/ufw/ufw.conf") ?? "") ? "on" : "off") : undefined;
  if (ufw === "on") return "ufw";
  if (has("firewall-cmd")) return "firewalld";
  if (ufw === "off") return "ufw";
  return has("iptables") ? "iptables" : undefined;
}

/** The command that lets others reach a TCP port. Printed, never run. */
export function allowCommand(firewall: Firewall, port: number, program: string): string {
  switch (firewall) {
    case "ufw":
      return `sudo ufw allow ${port}/tcp`;
    case "firewalld":
      return `sudo firewall-cmd --permanent --add-port=${port}/tcp && sudo firewall-cmd --reload`;
    case "iptables":
      return `sudo iptables -I INPUT -p tcp --dport ${port} -j ACCEPT`;
    case "macos":
      return `sudo /usr/libexec/ApplicationFirewall/socketfilterfw --add ${program} --unblockapp ${program}`;
  }
}
