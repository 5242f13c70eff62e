import { defineAlias } from "../../command.ts";
import status from "../gateway/status.ts";

export default defineAlias(status);
