import { basename } from "node:path";

const NODE = /^node(\d+|js)?(\.exe)?$/;

/** The Node a service starts and the script it is given; both undefined where it starts something else. Pure. */
export function nodeAndScript(argv: readonly string[]): { node?: string; script?: string } {
  const [program = "", ...rest] = argv;
  if (!NODE.test(basename(program))) return {};
  const script = rest.find((word) => !word.startsWith("-"));
  return { node: program, ...(script !== undefined && { script }) };
}
