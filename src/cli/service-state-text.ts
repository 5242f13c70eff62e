import type { ServiceState } from "../platform/service/service-manager.ts";

/** "inactive, dead, exit code 1" */
export function stateText({ runtime, detail, exitCode, signal }: ServiceState): string {
  const end = signal !== undefined ? `ended by ${signal}` : exitCode !== undefined && `exit code ${exitCode}`;
  return [detail ?? runtime, end].filter(Boolean).join(", ");
}
