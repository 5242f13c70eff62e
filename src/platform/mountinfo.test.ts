import assert from "node:assert/strict";
import { test } from "node:test";
import { isReadOnly, mountOf, parseMountinfo } from "./mountinfo.ts";

const DOCKER = `
580 460 0:58 / / rw,relatime master:150 - overlay overlay rw,lowerdir=/l,upperdir=/u,workdir=/w
581 580 0:61 / /proc rw,nosuid - proc proc rw
590 580 254:1 /var/lib/docker/volumes/openclaw_data/_data /app/data rw,relatime master:1 - ext4 /dev/vda1 rw
591 580 254:1 /srv/with\\040blank /mnt/with\\040blank ro,relatime - ext4 /dev/vda1 rw
592 590 0:70 / /app/data/cache rw - tmpfs tmpfs rw,size=8192k
593 592 0:71 / /app/data/cache rw - tmpfs tmpfs ro,size=4096k
`;

const CASES = [
  { path: "/root/.openclaw", point: "/", type: "overlay" },
  { path: "/app/data", point: "/app/data", type: "ext4" },
  { path: "/app/data/logs", point: "/app/data", type: "ext4" },
  { path: "/app/database", point: "/", type: "overlay" },
  { path: "/mnt/with blank/x", point: "/mnt/with blank", type: "ext4" },
] as const;

for (const { path, point, type } of CASES) {
  test(`${path} is on the ${type} at ${point}`, () => {
    const mount = mountOf(parseMountinfo(DOCKER), path);
    assert.deepEqual([mount?.point, mount?.type], [point, type]);
  });
}

test("of two mounts on one folder the later one counts, and `ro` of either side makes it read-only", () => {
  const mounts = parseMountinfo(DOCKER);
  assert.equal(isReadOnly(mountOf(mounts, "/app/data/cache/x")!), true);
  assert.equal(isReadOnly(mountOf(mounts, "/mnt/with blank")!), true);
  assert.equal(isReadOnly(mountOf(mounts, "/app/data")!), false);
});

test("a text that is no mount table says nothing", () => {
  assert.deepEqual(parseMountinfo("garbage\n\n1 2 3 - x"), []);
  assert.equal(mountOf([], "/x"), undefined);
});
