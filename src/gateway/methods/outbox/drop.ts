import * as v from "valibot";
import { requireMessage, wrongState } from "../../channels/outbox-refusals.ts";
import { identifier } from "../../fields.ts";
import { defineMethod } from "../../method.ts";

/** Gives up what of a message has not arrived. One that is being sent right now cannot be taken back. */
export default defineMethod({
  name: "outbox.drop",
  scope: "operator.write",
  params: v.object({ id: identifier }),
  async run({ id }, { services }) {
    const desk = await services.channels.open();
    const { state } = requireMessage(desk.outbox, id);
    if (!desk.outbox.drop(id)) throw wrongState("drop", state);
    desk.pump();
    return { id, was: state };
  },
});
