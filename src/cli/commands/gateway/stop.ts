import { defineAlias } from "../../command.ts";
import stop from "../stop.ts";

export default defineAlias(stop);
