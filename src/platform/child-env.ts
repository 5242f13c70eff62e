const ALLOWED = new Set("PATH HOME USER LOGNAME SHELL LANG TERM TMPDIR TZ".split(" "));
const ALLOWED_PREFIX = /^(LC_|XDG_)/;
/** Without these, Windows programs cannot find their own system folders. */
const ALLOWED_ON_WINDOWS = new Set(
  "SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT TEMP TMP USERPROFILE APPDATA LOCALAPPDATA".split(" "),
);

/**
 * An allowlist, so that a variable nobody thought of (LD_PRELOAD, NODE_OPTIONS, BASH_ENV, a provider key)
 * cannot reach a child process. Exported shell functions are dropped by their value.
 */
export function childVariables(raw: NodeJS.ProcessEnv, platform: NodeJS.Platform): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(raw)) {
    if (value && isAllowed(name, platform) && !value.startsWith("() {")) kept[name] = value;
  }
  return kept;
}

function isAllowed(name: string, platform: NodeJS.Platform): boolean {
  if (platform !== "win32") return ALLOWED.has(name) || ALLOWED_PREFIX.test(name);
  const upper = name.toUpperCase();
  return ALLOWED.has(upper) || ALLOWED_ON_WINDOWS.has(upper) || ALLOWED_PREFIX.test(upper);
}
