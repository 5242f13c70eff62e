/** What the platforms print about listening sockets, read into values. Pure. */

export interface Listener {
  inode: string;
  address: string;
}

const LISTEN = "0A";

/** `/proc/net/tcp` and `/proc/net/tcp6`, see proc(5): local address, remote address, state, …, uid, timeout, inode. */
export function parseProcNet(table: string, port: number): Listener[] {
  const found: Listener[] = [];
  for (const row of table.split("\n").slice(1)) {
    const [, local = "", , state, , , , , , inode = ""] = row.trim().split(/\s+/);
    const [address = "", portHex = ""] = local.split(":");
    if (state !== LISTEN || Number.parseInt(portHex, 16) !== port) continue;
    found.push({ inode, address: `${address.length === 8 ? ipv4(address) : ipv6(address)}:${port}` });
  }
  return found;
}

/** `lsof -Fpcn`: one field per line, the first letter says which. */
export function parseLsof(text: string): { pid: number; command: string; address: string } | undefined {
  const field = (letter: string) => new RegExp(`^${letter}(.+)$`, "m").exec(text)?.[1];
  const pid = Number(field("p"));
  return pid > 0 ? { pid, command: field("c") ?? "unknown", address: field("n") ?? "" } : undefined;
}

/** `netstat -ano -p TCP`; the word for the state is translated, the remote port of a listener is 0 everywhere. */
export function parseNetstat(text: string, port: number): { pid: number; address: string } | undefined {
  for (const row of text.split(/\r?\n/)) {
    const [protocol, address = "", remote = "", , pid] = row.trim().split(/\s+/);
    if (protocol === "TCP" && address.endsWith(`:${port}`) && remote.endsWith(":0")) {
      return { pid: Number(pid), address };
    }
  }
  return undefined;
}

/** The kernel prints the word as the machine keeps it: little-endian. */
function ipv4(hex: string): string {
  return [...Buffer.from(hex, "hex")].reverse().join(".");
}

function ipv6(hex: string): string {
  const bytes = Buffer.from(hex, "hex");
  const groups: string[] = [];
  for (let word = 0; word < 16; word += 4) {
    groups.push(
      bytes
        .subarray(word, word + 4)
        .reverse()
        .toString("hex"),
    );
  }
  const full = groups.join("").replace(/(.{4})(?!$)/g, "$1:");
  return URL.parse(`http://[${full}]`)?.hostname ?? `[${full}]`;
}
