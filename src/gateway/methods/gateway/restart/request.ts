import * as v from "valibot";
import { Fault } from "../../../../platform/fault.ts";
import { GatewayError } from "../../../../protocol/errors.ts";
import { refusalOf } from "../../../boot.ts";
import { defineMethod } from "../../../method.ts";
import { restartPreflight } from "../../../restart-preflight.ts";

/** Stops in good order and starts again in the same process. Refused where the config as it is would not start. */
export default defineMethod({
  name: "gateway.restart.request",
  scope: "operator.admin",
  controlPlaneWrite: true,
  params: v.object({ reason: v.optional(v.pipe(v.string(), v.maxLength(200)), "gateway.restart.request") }),
  async run({ reason }, { services }) {
    try {
      await services.restart.request(reason);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      throw new GatewayError("INVALID_REQUEST", `restart refused: ${error.message}`, {
        detail: "RESTART_REFUSED",
        details: { refusal: refusalOf(error) },
        ...(error.fix && { hint: error.fix }),
        cause: error,
      });
    }
    return {
      ok: true,
      status: "scheduled",
      preflight: restartPreflight(services.turns.lanes),
      restart: { mode: "in-process", pid: process.pid, port: services.port(), reason },
    };
  },
});
