/** JSON or JSON5 that is not the config file: a value, a patch. `problem` is one line for people. */
export type Json5Value = { ok: true; value: unknown } | { ok: false; problem: string };

export async function parseJson5Value(text: string): Promise<Json5Value> {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    const { Json5Error, parseTree, readTree } = await import("./json5.ts");
    try {
      return { ok: true, value: readTree(parseTree(text)).value };
    } catch (error) {
      if (!(error instanceof Json5Error)) throw error;
      const { line, column } = error.position;
      return { ok: false, problem: `SyntaxError: ${error.message} (line ${line}, column ${column})` };
    }
  }
}
