import assert from "node:assert/strict";
import { test } from "node:test";
import { readBackup } from "../../src/cli/backup/read-backup.ts";
import { readTar } from "../../src/cli/backup/tar-reader.ts";
import { Fault } from "../../src/platform/fault.ts";
import { contentsOf, file, filledState, pack, type Raw, restore, save, tree } from "../kit/backup.ts";
import { makeState } from "../kit/state.ts";

const ATTACKS: readonly (readonly [name: string, make: (entries: Raw[]) => Raw[], why: RegExp])[] = [
  ["climbs out", (all) => insert(all, file("state/../../evil", "x")), /is no path below the archive/],
  ["is absolute", (all) => insert(all, file("/tmp/evil", "x")), /is no path below the archive/],
  ["has a backslash", (all) => insert(all, file("state\\..\\evil", "x")), /is no path below the archive/],
  ["has a drive", (all) => insert(all, file("C:/evil", "x")), /is no path below the archive/],
  ["has a line feed", (all) => insert(all, file("state/a\nb", "x")), /is no path below the archive/],
  [
    "is a symlink",
    (all) => insert(all, file("state/link", "", { type: "2", link: "/etc" })),
    /neither a file nor a folder/,
  ],
  [
    "goes through a link",
    (all) => insert(all, file("state/l", "", { type: "2", link: "/tmp" }), file("state/l/x", "x")),
    /neither a file/,
  ],
  [
    "is a hard link",
    (all) => insert(all, file("state/hard", "", { type: "1", link: "/etc/passwd" })),
    /neither a file nor a folder/,
  ],
  ["is a device", (all) => insert(all, file("state/null", "", { type: "3" })), /neither a file nor a folder/],
  ["is a pipe", (all) => insert(all, file("state/pipe", "", { type: "6" })), /neither a file nor a folder/],
  ["is sparse", (all) => insert(all, file("state/hole", "", { type: "S" })), /neither a file nor a folder/],
  ["is setuid", (all) => insert(all, file("state/su", "x", { mode: 0o4755 })), /wants special rights/],
  [
    "comes twice",
    (all) => insert(all, file("state/Data.txt", "x"), file("state/dATA.txt", "y")),
    /is in it twice/,
  ],
  [
    "makes a file a folder",
    (all) => insert(all, file("state/a", "x"), file("state/a/b", "y")),
    /lies in a file/,
  ],
  [
    "renames by a header",
    (all) => insert(all, file("h", "26 path=state/../../evil\n ", { type: "x" }), file("state/a", "x")),
    /extended header|no path below/,
  ],
  [
    "says more in a header",
    (all) => insert(all, file("h", "17 linkpath=/etc\n", { type: "x" })),
    /more than path and size/,
  ],
  ["belongs to no root", (all) => insert(all, file("elsewhere/a", "x")), /belongs nowhere/],
  ["is no backup", (all) => all.slice(1), /it is no backup of openclaw/],
];

function insert(all: readonly Raw[], ...more: Raw[]): Raw[] {
  return [...all.slice(0, -1), ...more, all.at(-1)!];
}

for (const [name, make, why] of ATTACKS) {
  test(`[FILE-08] an archive with an entry that ${name} is refused as a whole, nothing is unpacked`, async () => {
    using state = filledState();
    const archive = pack(state, make(await contentsOf((await save(state)).file)));
    await assert.rejects(readBackup(archive), why);
    using victim = makeState();
    await assert.rejects(restore(victim, archive), (error) => error instanceof Fault && error.exitCode === 1);
    assert.deepEqual(tree(victim.env.HOME!), {}, "not a file was left");
  });
}

test("[DOS-17] bombs: too many entries, too many bytes, too good a ratio, content after the end", async () => {
  using state = filledState();
  const drain = async (archive: string, limits?: { maxEntries: number; maxBytes: number }) => {
    for await (const { content } of readTar(archive, limits)) for await (const _ of content);
  };
  const many = pack(
    state,
    Array.from({ length: 50 }, (_, i) => file(`state/${i}`, "")),
  );
  await assert.rejects(drain(many, { maxEntries: 40, maxBytes: 1e9 }), /more than 40 entries/);
  const large = pack(state, [file("state/a", "x".repeat(5_000))]);
  await assert.rejects(drain(large, { maxEntries: 9, maxBytes: 4_999 }), /more than 4999 bytes/);
  const zeros = pack(state, [{ path: "state/zeros", body: Buffer.alloc(80 * 1024 ** 2) }]);
  await assert.rejects(drain(zeros), /four hundred times/);
  const tail = pack(
    state,
    [file("state/a", "x")],
    Buffer.concat([Buffer.alloc(1024), Buffer.from("y".repeat(512))]),
  );
  await assert.rejects(drain(tail), /something follows after its end/);
});
