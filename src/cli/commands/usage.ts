import { defineAlias } from "../command.ts";
import usageCost from "./gateway/usage-cost.ts";

export default defineAlias(usageCost);
