import type { AccountStatus } from "../channels/desk.ts";
import { sendJson } from "../respond.ts";
import { defineRoute } from "../route.ts";
import { brief } from "../self-check.ts";
import { refusesTurns } from "../stability/stability.ts";

/** Readiness: work can be accepted. Reasons and figures only for local or authenticated callers. */
export default defineRoute({
  paths: ["/ready", "/readyz"],
  methods: ["GET", "HEAD"],
  auth: "none",
  maxBodyBytes: 0,
  run({ services, client, authenticated, response }) {
    const { lifecycle, eventLoop, reload, safeMode, selfCheck, stability } = services;
    const failing = {
      starting: () => ["startup-sidecars"],
      started: () => [
        ...(refusesTurns(stability.memory) ? ["memory-pressure"] : []),
        ...(safeMode?.refusal() === undefined ? [] : ["safe-mode"]),
        ...(services.turns.journal.isWritable() ? [] : ["storage-full"]),
      ],
      stopping: () => ["gateway-draining"],
    }[lifecycle.phase()]();
    const { mode, state } = reload.status();
    const ready = failing.length === 0;
    const detailed = client.localDirect || (authenticated && services.auth.mode !== "none");
    const details = {
      failing,
      uptimeMs: lifecycle.uptimeMs(),
      eventLoop: eventLoop.read(),
      memory: stability.memory,
      // Not a matter of readiness: with a broken file the last good version goes on.
      configReload: { mode, state },
      safeMode: safeMode?.report(),
      // One that is down takes nobody else with it.
      channels: services.channels.peek()?.accounts().map(accountLine) ?? [],
      // Nor are these; what they say in full is in `openclaw doctor`.
      findings: selfCheck.findings().map(brief),
    };
    sendJson(response, ready ? 200 : 503, { ready, ...(detailed && details) });
  },
});

function accountLine({ channel, accountId, state, reason, lastProofAt }: AccountStatus) {
  return {
    channel,
    accountId,
    state,
    ...(reason !== undefined && { reason }),
    ...(lastProofAt !== undefined && { lastProofAt }),
  };
}
