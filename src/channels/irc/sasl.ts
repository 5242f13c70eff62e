import type { SaslSettings } from "./accounts.ts";
import type { IrcLine } from "./line.ts";
import type { Wire } from "./wire.ts";

/** One login; that it failed is told by a numeric of its own (see `registrationFault`). */
export interface Sasl {
  begin(): void;
  take(line: IrcLine): void;
  done(): boolean;
}

/** The longest piece of one AUTHENTICATE; a shorter one is the last. */
const PIECE = 400;

export function openSasl(wire: Pick<Wire, "send">, settings: SaslSettings): Sasl {
  let isDone = false;

  function answer(): void {
    const { mechanism, account, password } = settings;
    const told = mechanism === "EXTERNAL" ? account : `${account}\0${account}\0${password}`;
    let left = Buffer.from(told, "utf8").toString("base64");
    for (; left.length >= PIECE; left = left.slice(PIECE)) wire.send("AUTHENTICATE", left.slice(0, PIECE));
    wire.send("AUTHENTICATE", left === "" ? "+" : left);
  }

  return {
    begin: () => wire.send("AUTHENTICATE", settings.mechanism),
    take({ command, params }) {
      if (command === "AUTHENTICATE" && params[0] === "+") answer();
      if (command === "903" || command === "907") isDone = true;
    },
    done: () => isDone,
  };
}
