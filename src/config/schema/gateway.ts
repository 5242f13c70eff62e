import * as v from "valibot";
import { carried, flag, listOf, mapOf, oneOf, port, secret, section, text, wholeNumber } from "./field.ts";

const MAX_MS = 86_400_000;

/** A numeric string is accepted because `${PORT}` substitution can only make strings. */
const listenPort = v.union(
  [port(), v.pipe(v.string(), v.regex(/^\d{1,5}$/), v.transform(Number), v.minValue(1), v.maxValue(65_535))],
  "a whole number from 1 to 65535",
);

const auth = section({
  mode: oneOf(["none", "token", "password", "trusted-proxy"]),
  token: secret(),
  password: secret(),
  allowTailscale: flag(),
  identityScopes: mapOf(listOf(text(128))),
  rateLimit: section({
    maxAttempts: wholeNumber(1, 1_000_000),
    windowMs: wholeNumber(1, MAX_MS),
    lockoutMs: wholeNumber(0, MAX_MS),
    exemptLoopback: flag(),
  }),
  trustedProxy: section({
    userHeader: text(256),
    requiredHeaders: listOf(text(256), 32),
    allowUsers: listOf(text(256), 1024),
    allowLoopback: flag(),
    ...carried("deviceAutoApprove", "scopesHeader"),
  }),
});

const endpoint = section({
  enabled: flag(),
  ...carried("maxBodyBytes", "maxUrlParts", "maxImageParts", "maxTotalImageBytes", "files", "images"),
});

export const gateway = section({
  mode: oneOf(["local", "remote"]),
  port: listenPort,
  bind: oneOf(["auto", "loopback", "lan", "tailnet", "custom"]),
  customBindHost: text(255),
  extraPorts: listOf(port(), 16),
  auth,
  trustedProxies: listOf(text(128), 128),
  allowRealIpFallback: flag(),
  remote: section({
    url: text(2048),
    token: secret(),
    password: secret(),
    sshTarget: text(512),
    sshIdentity: text(4096),
    tlsFingerprint: text(256),
    transport: oneOf(["ssh", "direct"]),
    remotePort: port(),
    ...carried("enabled", "sshHostKeyPolicy"),
  }),
  controlUi: section({
    enabled: flag(),
    basePath: text(256),
    root: text(4096),
    allowedOrigins: listOf(text(2048), 128),
    allowInsecureAuth: flag(),
    dangerouslyDisableDeviceAuth: flag(),
    dangerouslyAllowHostHeaderOriginFallback: flag(),
    ...carried(
      "allowExternalEmbedUrls",
      "automaticallyFetchFavicons",
      "chatMessageMaxWidth",
      "communityInvite",
    ),
    ...carried("embedSandbox", "environment", "experimental", "github", "toolTitles"),
  }),
  reload: section({
    mode: oneOf(["off", "hot", "restart", "hybrid"]),
    debounceMs: wholeNumber(0, MAX_MS),
    deferralTimeoutMs: wholeNumber(0, MAX_MS),
  }),
  http: section({
    endpoints: section({ chatCompletions: endpoint, responses: endpoint }),
    ...carried("securityHeaders"),
  }),
  tls: section({
    enabled: flag(),
    autoGenerate: flag(),
    certPath: text(4096),
    keyPath: text(4096),
    caPath: text(4096),
  }),
  handshakeTimeoutMs: wholeNumber(1, MAX_MS),
  nodes: section({
    pairing: section({
      autoApproveLocal: flag(),
      autoApproveCidrs: listOf(text(64), 256),
      ...carried("sshVerify"),
    }),
    commands: section({ allow: listOf(text(256), 1024), deny: listOf(text(256), 1024) }),
    ...carried("allowCommands", "denyCommands", "browser"),
  }),
  tools: section({ allow: listOf(text(256), 1024), deny: listOf(text(256), 1024) }),
  tailscale: section({
    mode: oneOf(["off", "serve", "funnel"]),
    ...carried("preserveFunnel", "resetOnExit", "serviceName"),
  }),
  ...carried("channelHealthCheckMinutes", "channelMaxRestartsPerHour", "channelStaleEventThresholdMinutes"),
  ...carried("cliAgents", "publicOrigin", "push", "roles", "terminal", "webchat", "workspacePreviewMaxBytes"),
});
