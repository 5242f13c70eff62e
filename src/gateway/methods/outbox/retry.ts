import * as v from "valibot";
import { requireMessage, wrongState } from "../../channels/outbox-refusals.ts";
import { identifier } from "../../fields.ts";
import { defineMethod } from "../../method.ts";

/** Makes a message due at once that has failed or waits; what of it has arrived is not sent again. */
export default defineMethod({
  name: "outbox.retry",
  scope: "operator.write",
  params: v.object({ id: identifier }),
  async run({ id }, { services }) {
    const desk = await services.channels.open();
    const { state } = requireMessage(desk.outbox, id);
    if (!desk.outbox.retry(id)) throw wrongState("retry", state);
    desk.pump();
    return { id, was: state };
  },
});
