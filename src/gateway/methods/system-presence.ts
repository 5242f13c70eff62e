import * as v from "valibot";
import { defineMethod } from "../method.ts";

/** Who is connected, the gateway itself first. A bare array. */
export default defineMethod({
  name: "system-presence",
  scope: "operator.read",
  params: v.unknown(),
  run: (_params, { services: { presence } }) => presence.entries(),
});
