import type { ServiceSpec } from "./service-manager.ts";

/**
 * The text of a unit, see systemd.service(5). Pure.
 *
 * Type=exec and not notify: the notification socket takes datagrams, which Node cannot send, and a helper that speaks
 * for the gateway would decide over its life. A start is proven by `gateway restart`, which asks the gateway itself.
 */
export function unitText(spec: ServiceSpec, alias: string | undefined): string {
  const { ref, description, argv, env, secretsFile, user } = spec;
  const isSystem = ref.level === "system";
  return `${[
    "# Written by openclaw gateway install; changes belong into an addition: systemctl edit",
    "[Unit]",
    `Description=${description.replaceAll("%", "%%")}`,
    "After=network-online.target",
    "Wants=network-online.target",
    // It is tried again as long as the cause may go away; what only a person can change ends with 78.
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    "Type=exec",
    `ExecStart=${argv.map(execWord).join(" ")}`,
    ...(user === undefined ? [] : [`User=${user}`]),
    "WorkingDirectory=~",
    ...Object.entries(env).map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`),
    `EnvironmentFile=-${secretsFile.replaceAll("%", "%%")}`,
    "Restart=always",
    "RestartSec=5",
    "RestartSteps=5",
    "RestartMaxDelaySec=60",
    "RestartPreventExitStatus=78",
    // The gateway ends its children itself, within seconds; what is left after 40 is ended by force.
    "KillMode=mixed",
    "TimeoutStopSec=40",
    "OOMPolicy=continue",
    "UMask=0077",
    ...HARDENING,
    ...(isSystem ? SYSTEM_HARDENING : []),
    "",
    "[Install]",
    `WantedBy=${isSystem ? "multi-user.target" : "default.target"}`,
    ...(alias === undefined ? [] : [`Alias=${alias}`]),
  ].join("\n")}\n`;
}

/**
 * What the tools of an agent can live with: they write wherever the account may, compile, open browsers. Hence no
 * read-only home, no private /tmp (people hand files over there), no ban on namespaces or on writable code.
 */
const HARDENING = [
  "NoNewPrivileges=yes",
  "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
  "RestrictSUIDSGID=yes",
  "RestrictRealtime=yes",
  "LockPersonality=yes",
  "SystemCallArchitectures=native",
];

/** These take the rights of the machine's own supervisor. */
const SYSTEM_HARDENING = [
  "ProtectSystem=full",
  "ProtectKernelTunables=yes",
  "ProtectKernelModules=yes",
  "ProtectControlGroups=yes",
];

/** `$` would be a variable and `%` a specifier. */
function execWord(word: string): string {
  return quoted(word).replaceAll("$", "$$$$");
}

function quoted(word: string): string {
  // A line feed would begin a setting of its own.
  const text = word
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n")
    .replaceAll("%", "%%");
  return /^[\w@:./=+,~-]+$/.test(text.replaceAll("%%", "")) ? text : `"${text}"`;
}

/** The text of an `EnvironmentFile=`. */
export function environmentFileText(variables: Readonly<Record<string, string>>): string {
  const lines = Object.entries(variables).map(
    ([name, value]) => `${name}="${value.replace(/["\\`$]/g, (char) => `\\${char}`)}"\n`,
  );
  return lines.join("");
}
