import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { logFiles } from "./log-files.ts";
import { fileSource } from "./log-source.ts";

function folder(files: Record<string, string>) {
  const dir = mkdtempSync(join(tmpdir(), "openclaw-logs-"));
  const write = (name: string, text: string) => writeFileSync(join(dir, name), text);
  for (const [name, text] of Object.entries(files)) write(name, text);
  return {
    dir,
    write,
    append: (name: string, text: string) => appendFileSync(join(dir, name), text),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true }),
  };
}

const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at}`);
const text = (from: number, to: number) => `${lines(from, to).join("\n")}\n`;

test("log files are read in the order they were written", () => {
  using logs = folder({
    "gateway-2026-11-20.10.log": "",
    "gateway-2026-11-20.2.log": "",
    "gateway-2026-11-20.log": "",
    "gateway-2026-11-09.log": "",
    "other.log": "",
  });
  assert.deepEqual(
    logFiles(logs.dir).map((file) => file.slice(logs.dir.length + 9)),
    ["2026-11-09.log", "2026-11-20.log", "2026-11-20.2.log", "2026-11-20.10.log"],
  );
  assert.deepEqual(logFiles(join(logs.dir, "missing")), []);
});

test("the newest lines come from as many files as it takes", async () => {
  using logs = folder({ "gateway-2026-11-19.log": text(1, 5), "gateway-2026-11-20.log": text(6, 8) });
  const source = fileSource(logs.dir);
  assert.deepEqual(await source.newest(2), lines(7, 8));
  assert.deepEqual(await source.newest(5), lines(4, 8));
  assert.deepEqual(await source.newest(50), lines(1, 8));
});

test("following goes on in the same file and into the next one, with nothing lost or repeated", async () => {
  using logs = folder({ "gateway-2026-11-19.log": text(1, 3) });
  const source = fileSource(logs.dir);
  await source.newest(1);
  assert.deepEqual(await source.next(), []);
  logs.append("gateway-2026-11-19.log", "line 4\nline");
  assert.deepEqual(await source.next(), ["line 4"]);
  logs.append("gateway-2026-11-19.log", " 5\nline 6\n");
  logs.write("gateway-2026-11-19.1.log", text(7, 8));
  logs.write("gateway-2026-11-20.log", "");
  assert.deepEqual(await source.next(), lines(5, 8));
  logs.append("gateway-2026-11-20.log", text(9, 9));
  assert.deepEqual(await source.next(), ["line 9"]);
});

test("a folder that is still empty is followed from its first file on", async () => {
  using logs = folder({});
  const source = fileSource(logs.dir);
  assert.deepEqual(await source.newest(10), []);
  logs.write("gateway-2026-11-20.log", text(1, 2));
  assert.deepEqual(await source.next(), lines(1, 2));
});

test("of a very large file only the end is read, in whole lines", async () => {
  using logs = folder({ "gateway-2026-11-20.log": `${"x".repeat(999_990)}\n${text(1, 20)}` });
  assert.deepEqual(await fileSource(logs.dir).newest(5_000), lines(1, 20));
});
