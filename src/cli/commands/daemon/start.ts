import { defineAlias } from "../../command.ts";
import start from "../gateway/start.ts";

export default defineAlias(start);
