import { defineAlias } from "../../command.ts";
import install from "../gateway/install.ts";

export default defineAlias(install);
