import { defineAlias } from "../../command.ts";
import health from "../health.ts";

export default defineAlias(health);
