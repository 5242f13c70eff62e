import type { ServiceSpec } from "./service-manager.ts";

/**
 * The script a task runs. A task knows neither variables nor a restart after an exit code, so both are in here. Pure.
 * Signals do not exist there: the task ends the script with everything it has started.
 */
export function gatewayScript({ argv, env, secrets, description, logFile }: ServiceSpec): string {
  const lines = [
    "@echo off",
    `rem ${description}`,
    ...Object.entries({ ...env, ...secrets }).map(([name, value]) => `set "${name}=${escaped(value)}"`),
    ":run",
    `${argv.map((word) => `"${escaped(word)}"`).join(" ")} >> "${escaped(logFile)}" 2>&1`,
    "if %ERRORLEVEL% EQU 0 exit /b 0",
    "if %ERRORLEVEL% EQU 78 exit /b 78",
    // `timeout` wants a console, which a task does not have.
    "ping -n 6 127.0.0.1 > nul",
    "goto run",
  ];
  return `${lines.join("\r\n")}\r\n`;
}

/** In a script, a percent sign begins a variable. */
function escaped(value: string): string {
  return value.replaceAll("%", "%%");
}

/** What a script of ours says; undefined for any other. Pure. */
export function parseGatewayScript(
  script: string,
): { argv: string[]; env: Record<string, string> } | undefined {
  const lines = script.split(/\r?\n/);
  const at = lines.indexOf(":run");
  if (at < 0) return undefined;
  const command = (lines[at + 1] ?? "").replace(/ >> "[^"]*" 2>&1$/, "");
  const variables = lines.flatMap((line) => {
    const [, name, value] = /^set "([^=]+)=(.*)"$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value!.replaceAll("%%", "%")] as const];
  });
  return {
    argv: [...command.matchAll(/"([^"]*)"/g)].map(([, word]) => word!.replaceAll("%%", "%")),
    env: Object.fromEntries(variables),
  };
}

/** A task that starts the script at logon, for as long as it likes. Pure. */
export function taskXml(spec: ServiceSpec, script: string, user: string): string {
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>${xml(spec.description)}</Description></RegistrationInfo>
  <Triggers><LogonTrigger><Enabled>true</Enabled><UserId>${xml(user)}</UserId></LogonTrigger></Triggers>
  <Principals><Principal id="Author"><UserId>${xml(user)}</UserId><LogonType>InteractiveToken</LogonType><RunLevel>LeastPrivilege</RunLevel></Principal></Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <Hidden>true</Hidden>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure><Interval>PT1M</Interval><Count>255</Count></RestartOnFailure>
  </Settings>
  <Actions Context="Author"><Exec><Command>cmd.exe</Command><Arguments>/d /c "${xml(script)}"</Arguments></Exec></Actions>
</Task>
`;
}

const xml = (value: string) =>
  value.replace(/[<>&"]/g, (char) => `&${{ "<": "lt", ">": "gt", "&": "amp", '"': "quot" }[char]};`);
