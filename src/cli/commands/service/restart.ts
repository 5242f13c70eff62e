import { defineAlias } from "../../command.ts";
import restart from "../gateway/restart.ts";

export default defineAlias(restart);
