import assert from "node:assert/strict";
import { test } from "node:test";
import { readEnv } from "../platform/env.ts";
import type { Mount } from "../platform/mounts.ts";
import { resolvePaths } from "../platform/paths.ts";
import { type ContainerFacts, containerNotes } from "./container-notes.ts";

const env = readEnv({ HOME: "/root", OPENCLAW_IN_CONTAINER: "1" });

interface Case {
  name: string;
  volumes?: Mount[];
  mount: Mount;
  source?: ContainerFacts["settings"]["auth"]["source"];
  bind?: ContainerFacts["settings"]["bind"];
  state?: string[];
  info: RegExp;
  warnings: RegExp[];
}

const everywhere = { mode: "auto", host: undefined, loopbackOnly: false };
const CASES: Case[] = [
  {
    name: "a volume says where it is and nothing else",
    volumes: [{ path: "/app/data", fsType: "ext4" }],
    mount: { path: "/app/data", fsType: "ext4" },
    info: /^state folder: \/app\/data \(a volume is mounted there\)$/,
    warnings: [],
  },
  {
    name: "[docker-data-not-persisted] the container's own root does not last, nor does a token made there",
    mount: { path: "/", fsType: "overlay" },
    source: "generated",
    info: /^state folder: \/root\/\.openclaw \(nothing is mounted at \/app\/data or \/data\)$/,
    warnings: [
      /\/root\/\.openclaw is not on a volume: .*docker run -v openclaw-data:\/app\/data/,
      /token in .* is lost with this container/,
    ],
  },
  {
    name: "a token from elsewhere is not lost",
    mount: { path: "/", fsType: "overlay" },
    source: "environment",
    info: /nothing is mounted/,
    warnings: [/not on a volume/],
  },
  {
    name: "memory is a mount, but no volume",
    volumes: [{ path: "/data", fsType: "tmpfs" }],
    mount: { path: "/data", fsType: "tmpfs" },
    source: "environment",
    info: /\/data/,
    warnings: [/\/data is not on a volume but on tmpfs/],
  },
  {
    name: "state in a lower place is reported",
    volumes: [{ path: "/app/data", fsType: "ext4" }],
    mount: { path: "/app/data", fsType: "ext4" },
    state: ["/app/data", "/data", "/root/.openclaw"],
    info: /\/app\/data/,
    warnings: [/^\/data holds an older state folder, which is not used/, /^\/root\/\.openclaw holds/],
  },
  {
    name: "[docker-unreachable-loopback] a gateway without a secret stays inside, and says so",
    volumes: [{ path: "/app/data", fsType: "ext4" }],
    mount: { path: "/app/data", fsType: "ext4" },
    bind: { mode: "auto", host: "127.0.0.1", loopbackOnly: true },
    info: /\/app\/data/,
    warnings: [/container the gateway listens on loopback \(127\.0\.0\.1\) only/],
  },
];
for (const {
  name,
  volumes = [],
  mount,
  source = "saved",
  bind = everywhere,
  state = [],
  info,
  warnings,
} of CASES) {
  test(name, () => {
    const notes = containerNotes({
      paths: resolvePaths(env, { mounts: () => volumes }),
      home: "/root",
      settings: { auth: { mode: "token", token: undefined, password: undefined, source }, bind },
      mount,
      holdsState: (dir) => state.includes(dir),
    });
    assert.match(notes.info, info);
    assert.equal(notes.warnings.length, warnings.length, notes.warnings.join("\n"));
    for (const [index, warning] of warnings.entries()) assert.match(notes.warnings[index]!, warning);
  });
}
