import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Fault } from "../../platform/fault.ts";
import { readInput } from "../read-input.ts";

/** A secret as an option gives it: `-` stands for the first line of stdin, so that it stays out of the shell's history. */
export async function readSecret(text: string): Promise<string> {
  if (text !== "-") return text;
  const [line = ""] = (await readInput("-")).split(/\r?\n/);
  if (line.trim() !== "") return line.trim();
  throw new Fault("stdin held no secret", {
    why: "Its first line is what would be written.",
    fix: "openclaw channels add",
  });
}

/** The absolute path of a file that is to hold a secret; it has to be there and to have something in it. */
export async function secretFile(path: string): Promise<string> {
  const file = resolve(path);
  if (!existsSync(file))
    throw new Fault(`there is no token file ${file}`, {
      why: "It has to hold the token, in its first line.",
      fix: "openclaw channels add",
    });
  if ((await readInput(file)).trim() !== "") return file;
  throw new Fault(`${file} is empty`, {
    why: "It has to hold the token, in its first line.",
    fix: "openclaw channels add",
  });
}
