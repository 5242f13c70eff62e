/** Where a command prints. Data goes to `out`, everything about the data to `note`. */
export interface Io {
  /** One line, or several joined by line feeds, on stdout. */
  out(text: string): void;
  /** On stdout as it is, without a line feed after it; where a terminal shows text as it comes. */
  part?(text: string): void;
  /** One line, or several, on stderr. */
  note(text: string): void;
  /** stdout is a terminal: a person reads it. */
  terminal: boolean;
  /** A person watches stderr right now. */
  watched: boolean;
  /** Colours are welcome, per stream. */
  color: { out: boolean; note: boolean };
}

export function processIo(noColor: boolean): Io {
  const { stdout, stderr } = process;
  // `openclaw logs | head`: the reader has seen enough, which is no error.
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
  return {
    out: (text) => void stdout.write(`${text}\n`),
    part: (text) => void stdout.write(text),
    note: (text) => void stderr.write(`${text}\n`),
    terminal: stdout.isTTY === true,
    watched: stderr.isTTY === true,
    color: { out: !noColor && isColorful(stdout), note: !noColor && isColorful(stderr) },
  };
}

/** The stream knows the conventions: NO_COLOR, FORCE_COLOR, TERM=dumb. */
function isColorful(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && stream.getColorDepth() > 1;
}

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

export function paint(color: boolean): Paint {
  const wrap = (open: number, close: number) => (text: string) =>
    color ? `\x1b[${open}m${text}\x1b[${close}m` : text;
  return {
    bold: wrap(1, 22),
    dim: wrap(2, 22),
    red: wrap(31, 39),
    green: wrap(32, 39),
    yellow: wrap(33, 39),
  };
}
