import { defineAlias } from "../command.ts";
import setup from "./setup.ts";

export default defineAlias(setup);
