import { defineAlias } from "../../../command.ts";
import modelsList from "../../models/list.ts";

export default defineAlias(modelsList);
