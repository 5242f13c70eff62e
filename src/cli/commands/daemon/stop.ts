import { defineAlias } from "../../command.ts";
import stop from "../gateway/stop.ts";

export default defineAlias(stop);
