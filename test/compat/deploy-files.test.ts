import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { parse, parseAllDocuments } from "yaml";
import { ROOT } from "../../scripts/tree.ts";
import { COMMANDS } from "../../src/cli/commands.gen.ts";
import { findCommand } from "../../src/cli/find-command.ts";
import { ROUTES } from "../../src/gateway/routes.gen.ts";
import { CONTAINER_VOLUMES } from "../../src/platform/paths.ts";
import { DEFAULT_PORT } from "../../src/protocol/limits.ts";

const textOf = (file: string) => readFileSync(join(ROOT, file), "utf8");

/** Instructions of the last stage, with continued lines in one. */
function lastStage(): { word: string; rest: string }[] {
  const lines = textOf("Dockerfile")
    .replace(/\\\n\s*/g, " ")
    .split("\n");
  const stage = lines.slice(lines.findLastIndex((line) => line.startsWith("FROM ")));
  return stage.flatMap((line) => {
    const [, word, rest] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    return word === undefined ? [] : [{ word, rest: rest! }];
  });
}

const instruction = (word: string) => lastStage().find((each) => each.word === word)?.rest;

test("the image: ports, volume, entrypoint and health check are those of the program", () => {
  assert.equal(instruction("EXPOSE"), `${DEFAULT_PORT} 3001`);
  assert.equal(instruction("VOLUME"), CONTAINER_VOLUMES[0]);
  const [entrypoint] = JSON.parse(instruction("ENTRYPOINT")!) as string[];
  assert.ok(existsSync(join(ROOT, "dist", entrypoint!.replace("/app/", ""))), entrypoint);
  const [program, ...words] = JSON.parse(/CMD (.+)$/.exec(instruction("HEALTHCHECK")!)![1]!) as string[];
  assert.equal(program, "openclaw");
  assert.equal(findCommand(COMMANDS, words).kind, "command");
  assert.match(instruction("ENV")!, /OPENCLAW_IN_CONTAINER=1/);
  assert.match(instruction("USER")!, /^[1-9]\d*:0$/, "not root, and the group every user of a container has");
  // Whether it may start is a matter of whoever runs it.
  assert.doesNotMatch(textOf("Dockerfile"), /OPENCLAW_GATEWAY_(MODE|TOKEN)/);
  for (const { word, rest } of lastStage().filter(({ word }) => word === "FROM"))
    assert.match(rest, /^node:24-/, word);
});

test("docker compose: one volume, ports of this machine only, a token that may be empty", () => {
  const { services, volumes } = parse(textOf("docker-compose.yml"));
  const { openclaw } = services;
  assert.deepEqual(openclaw.volumes, [`${Object.keys(volumes)[0]}:${CONTAINER_VOLUMES[0]}`]);
  assert.deepEqual(openclaw.ports, ["127.0.0.1:18789:18789", "127.0.0.1:3001:3001"]);
  assert.equal(openclaw.environment.OPENCLAW_GATEWAY_MODE, "local");
  // Looked up as it is, for it must be quoted where a shell would take it.
  assert.equal(openclaw.environment.OPENCLAW_GATEWAY_TOKEN, ["$", "{OPENCLAW_GATEWAY_TOKEN:-}"].join(""));
  assert.equal(openclaw.restart, "unless-stopped");
  assert.deepEqual(openclaw.cap_drop, ["ALL"]);
});

test("Kubernetes: one gateway, its probes are routes that need no token, its folder is its own", () => {
  const documents = parseAllDocuments(textOf("deploy/kubernetes/openclaw.yaml"));
  for (const { errors, warnings } of documents) assert.deepEqual([...errors, ...warnings], []);
  const [service, set] = documents.map((each) => each.toJS());
  assert.equal(set.kind, "StatefulSet");
  assert.equal(set.spec.serviceName, service.metadata.name);
  assert.equal(set.spec.replicas, 1);
  const pod = set.spec.template.spec;
  const [container] = pod.containers;
  const [port] = container.ports;
  assert.equal(port.containerPort, DEFAULT_PORT);
  assert.equal(service.spec.ports[0].targetPort, port.name);
  for (const [probe, path] of [
    ["startupProbe", "/startupz"],
    ["readinessProbe", "/readyz"],
    ["livenessProbe", "/healthz"],
  ] as const) {
    const { httpGet } = container[probe];
    assert.deepEqual(httpGet, { path, port: port.name });
    const route = ROUTES.find(({ paths }) => paths.includes(path));
    assert.equal(route?.auth, "none", path);
  }
  assert.ok(pod.terminationGracePeriodSeconds >= 40);
  assert.equal(container.securityContext.readOnlyRootFilesystem, true);
  const places = container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
  assert.deepEqual(places, [CONTAINER_VOLUMES[0], "/tmp"]);
});

test("PM2: in the foreground, and not again after an exit code only a person can change", () => {
  const { apps } = createRequire(import.meta.url)(join(ROOT, "deploy/pm2/ecosystem.config.cjs"));
  const [app] = apps;
  assert.deepEqual([app.script, app.args, app.interpreter], ["openclaw", "start", "none"]);
  assert.equal(findCommand(COMMANDS, app.args.split(" ")).kind, "command");
  assert.ok(app.stop_exit_codes.includes(78) && app.kill_timeout >= 10_000);
});

test("the page about it names every file", () => {
  const page = textOf("docs/deploy.md");
  for (const file of [
    "Dockerfile",
    "docker-compose.yml",
    "deploy/kubernetes/openclaw.yaml",
    "deploy/pm2/ecosystem.config.cjs",
  ]) {
    assert.ok(existsSync(join(ROOT, file)));
    assert.ok(page.includes(file), file);
  }
});
