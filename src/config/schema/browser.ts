import * as v from "valibot";
import { carried, flag, listOf, mapOf, matching, open, port, section, text, wholeNumber } from "./field.ts";

const EXPECTED_CDP = "a URL that starts with http, https, ws or wss, with a port up to 65535";

const cdpUrl = () =>
  v.pipe(
    matching(/^(https?|wss?):\/\//i, EXPECTED_CDP, 2048),
    v.check((value) => URL.canParse(value), EXPECTED_CDP),
  );

export const browserProfile = {
  driver: text(64),
  cdpPort: port(),
  cdpUrl: cdpUrl(),
  attachOnly: flag(),
  executablePath: text(4096),
  userDataDir: text(4096),
  headless: flag(),
  mcpCommand: text(4096),
  mcpArgs: listOf(text(4096), 128),
};

export const browser = section({
  enabled: flag(),
  executablePath: text(4096),
  cdpUrl: cdpUrl(),
  attachOnly: flag(),
  defaultProfile: text(128),
  headless: flag(),
  noSandbox: flag(),
  extraArgs: listOf(text(4096), 128),
  evaluateEnabled: flag(),
  profiles: mapOf(open(browserProfile), 128),
  remoteCdpTimeoutMs: wholeNumber(1, 600_000),
  remoteCdpHandshakeTimeoutMs: wholeNumber(1, 600_000),
  ...carried("actionTimeoutMs", "cdpPortRangeStart", "color", "controlPort", "extensionRelay"),
  ...carried("localCdpReadyTimeoutMs", "localLaunchTimeoutMs", "relayBindHost", "snapshotDefaults"),
  ...carried("ssrfPolicy", "tabCleanup"),
});
