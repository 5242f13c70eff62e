import { defineAlias } from "../../command.ts";
import uninstall from "../gateway/uninstall.ts";

export default defineAlias(uninstall);
