import type { ResultOf } from "../../gateway/method.ts";
import type setupCode from "../../gateway/methods/device/pair/setupCode.ts";
import { writeFileAtomic } from "../../platform/files.ts";
import { clientOptions } from "../client-options.ts";
import { defineCommand } from "../command.ts";
import { formatUptime } from "../duration.ts";

export default defineCommand({
  summary: "Show a code that pairs a phone",
  description: ["Works once, within ten minutes. Whoever scans it is paired: show it to nobody else."],
  options: {
    publicUrl: { type: "string", placeholder: "url", summary: "the wss:// address the phone is to use" },
    limited: { type: "boolean", summary: "without the right to administrate" },
    node: { type: "boolean", summary: "for a device that lends its functions and commands nothing" },
    png: { type: "string", placeholder: "file", summary: "write the QR code as an image" },
    ...clientOptions,
  },
  examples: ["openclaw qr", "openclaw qr --public-url wss://claw.example.net --png code.png"],
  async run({ publicUrl, limited, node, png }, context) {
    const profile = node ? "node" : limited ? "limited" : undefined;
    const params = {
      ...(publicUrl !== undefined && { publicUrl }),
      ...(profile !== undefined && { bootstrapProfile: profile }),
    };
    const how = { scopes: ["operator.admin"], byOwner: true } as const;
    const made = await context.call<ResultOf<typeof setupCode>>("device.pair.setupCode", params, how);
    if (png !== undefined) {
      const { qrPng } = await import("../../platform/qr.ts");
      writeFileAtomic(png, qrPng(made.setupCode));
    }
    const { qrText } = await import("../../platform/qr.ts");
    return { ...made, qr: qrText(made.setupCode), ...(png !== undefined && { png }) };
  },
  render({ qr, setupCode: code, gatewayUrl, access, accessDowngraded, expiresAtMs, png }, { io }) {
    if (png === undefined) io.out(qr);
    else io.out(`QR code: ${png}`);
    io.out(`Setup code: ${code}`);
    io.note(`for ${gatewayUrl}, access ${access}, valid for ${formatUptime(expiresAtMs - Date.now())}`);
    if (accessDowngraded)
      io.note(
        "notice: without TLS the phone does not become administrator: openclaw config set gateway.tls.enabled true",
      );
  },
});
