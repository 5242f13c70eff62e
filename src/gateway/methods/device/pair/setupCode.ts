import * as v from "valibot";
import { defineMethod } from "../../../method.ts";
import { setupAddress } from "../../../setup-address.ts";

/** A code that pairs one phone or node, as text and QR (protocol.md §5.7). The gateway's own secret is not in it. */
export default defineMethod({
  name: "device.pair.setupCode",
  scope: "operator.admin",
  hidden: true,
  params: v.object({
    publicUrl: v.optional(v.pipe(v.string(), v.maxLength(2048))),
    preferRemoteUrl: v.optional(v.boolean()),
    includeQr: v.optional(v.boolean()),
    bootstrapProfile: v.optional(v.picklist(["limited", "node"])),
  }),
  async run({ includeQr, bootstrapProfile, ...wish }, { services }) {
    const { url, source, isPlain } = setupAddress(wish, {
      config: services.loaded.config,
      ...services.listening(),
      port: services.port(),
    });
    const devices = await services.devices.open();
    // Over a network in the clear nobody becomes administrator.
    const accessDowngraded = bootstrapProfile === undefined && isPlain;
    const { setupId, access, expiresAtMs, bootstrapToken } = devices.createSetup(
      accessDowngraded ? "limited" : (bootstrapProfile ?? "full"),
    );
    const { fingerprint } = services.listening();
    const code = { url, bootstrapToken, expiresAtMs, ...(fingerprint && { tlsFingerprint: fingerprint }) };
    const setupCode = Buffer.from(JSON.stringify(code)).toString("base64url");
    return {
      setupId,
      expiresAtMs,
      setupCode,
      ...(includeQr && { qrDataUrl: await qrDataUrl(setupCode) }),
      gatewayUrl: url,
      auth: services.auth.mode === "password" ? ("password" as const) : ("token" as const),
      urlSource: source,
      access,
      ...(accessDowngraded && { accessDowngraded }),
    };
  },
});

async function qrDataUrl(text: string): Promise<string> {
  const { qrPng } = await import("../../../../platform/qr.ts");
  return `data:image/png;base64,${qrPng(text).toString("base64")}`;
}
