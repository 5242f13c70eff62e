import assert from "node:assert/strict";
import { test } from "node:test";
import { fileSystemOf, isMountPoint, isReadOnly, mountOf, parseMountinfo, readMounts } from "./mounts.ts";

/** Of a container with a volume, shortened. */
const INFO = `
1053 905 0:120 / / rw,relatime master:290 - overlay overlay rw,lowerdir=/l,upperdir=/u
1054 1053 0:123 / /proc rw,nosuid - proc proc rw
1059 1053 254:1 /docker/volumes/openclaw-data/_data /app/data rw,relatime master:1 - ext4 /dev/vda1 rw
1060 1053 0:99 / /my\\040disk rw - tmpfs none rw
1061 1060 0:98 / /my\\040disk rw - xfs /dev/vdb rw
1062 1053 0:97 / /media/cd rw,nosuid - iso9660 /dev/sr0 ro
1063 1053 0:96 / /srv ro,relatime - ext4 /dev/vdc rw
broken row
`;
const mounts = parseMountinfo(INFO);

test("mountinfo is read with its blanks and without what is no row", () => {
  assert.deepEqual(
    mounts.map(({ path, fsType }) => `${path} ${fsType}`),
    [
      "/ overlay",
      "/proc proc",
      "/app/data ext4",
      "/my disk tmpfs",
      "/my disk xfs",
      "/media/cd iso9660",
      "/srv ext4",
    ],
  );
});

const PLACES: readonly [path: string, mount: string, fsType: string][] = [
  ["/app/data", "/app/data", "ext4"],
  ["/app/data/logs", "/app/data", "ext4"],
  ["/app/database", "/", "overlay"],
  ["/root/.openclaw", "/", "overlay"],
  ["/my disk/x", "/my disk", "xfs"],
];
for (const [path, mount, fsType] of PLACES) {
  test(`${path} lies on ${mount} (${fsType})`, () => {
    const found = mountOf(path, mounts);
    assert.deepEqual([found?.path, found?.fsType], [mount, fsType]);
  });
}

test("`ro` of the mount or of its file system makes it read-only; the root tells which part of it is seen", () => {
  assert.deepEqual(
    ["/media/cd", "/srv", "/app/data"].map((path) => isReadOnly(mountOf(path, mounts)!)),
    [true, true, false],
  );
  assert.equal(mountOf("/app/data", mounts)?.root, "/docker/volumes/openclaw-data/_data");
});

test("a mount point is exactly that place", () => {
  assert.equal(isMountPoint("/app/data", mounts), true);
  assert.equal(isMountPoint("/app", mounts), false);
  assert.equal(isMountPoint("/data", mounts), false);
});

test("of this machine: a folder that does not exist yet lies where its upper one does", {
  skip: process.platform !== "linux",
}, () => {
  assert.ok(readMounts().length > 0);
  assert.deepEqual(fileSystemOf("/no/such/folder"), fileSystemOf("/"));
});
