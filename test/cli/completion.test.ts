import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { COMMANDS } from "../../src/cli/commands.gen.ts";
import { completionScript, SHELLS, type Shell } from "../../src/cli/completion/scripts.ts";
import { completionTree } from "../../src/cli/completion/tree.ts";
import { runHere } from "../kit/command.ts";
import { makeState } from "../kit/state.ts";

let scripts: Record<Shell, string>;

before(async () => {
  const tree = await completionTree(COMMANDS);
  const made = SHELLS.map((shell) => [shell, completionScript(shell, tree, "1.2.3")] as const);
  scripts = Object.fromEntries(made) as Record<Shell, string>;
});

const lacks = (program: string) =>
  spawnSync(program, ["--version"]).status === 0 ? false : `${program} is not installed here`;

const CASES: readonly (readonly [line: string, wanted: readonly string[], not?: readonly string[]])[] = [
  ["openclaw conf", ["config", "configure"]],
  ["openclaw config ", ["get", "set", "undo"], ["status"]],
  ["openclaw config s", ["set", "schema"], ["get"]],
  ["openclaw config set --dr", ["--dry-run"]],
  ["openclaw --profile work config ", ["get", "set"]],
  ["openclaw --log-level ", ["debug", "info", "warn", "error"]],
  ["openclaw gateway run --auth ", ["token", "password", "none"]],
  ["openclaw gateway --auth p", ["password"], ["token"]],
  ["openclaw gateway run --auth=t", ["token"], ["password"]],
  ["openclaw gateway run --token x --po", ["--port"]],
  ["openclaw backup ", ["create", "restore", "verify", "list"]],
];

for (const [line, wanted, not = []] of CASES) {
  test(`bash completes: ${line}<TAB>`, { skip: lacks("bash") }, () => {
    // As bash itself cuts the line, where = is a word of its own.
    const words = line.split(" ").flatMap((word) => word.split(/(?<==)|(?==)/));
    const program = `${scripts.bash}
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"
      compopt() { :; }
      _openclaw; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const said = execFileSync("bash", ["--norc", "-c", program, "bash", ...words], { encoding: "utf8" });
    const found = said.split("\n").filter(Boolean);
    for (const word of wanted) assert.ok(found.includes(word), `${word} in ${found}`);
    for (const word of not) assert.ok(!found.includes(word), `no ${word} in ${found}`);
  });
}

test("in an interactive bash the TAB key completes", { skip: lacks("bash") || lacks("script") }, () => {
  using state = makeState();
  const rc = join(state.env.HOME!, "rc");
  writeFileSync(
    rc,
    `${scripts.bash}\nPS1='> '\nbind 'set bell-style none'\nopenclaw() { echo "called:$*:"; }\n`,
  );
  const { stdout } = spawnSync("script", ["-qec", `bash --noprofile --rcfile ${rc} -i`, "/dev/null"], {
    input: "openclaw bac\tver\t\nexit\n",
    encoding: "utf8",
    env: { ...state.env, TERM: "dumb" },
    timeout: 20_000,
  });
  assert.match(stdout, /called:backup verify ?:/);
});

test("the script for zsh parses", { skip: lacks("zsh") }, () => {
  execFileSync("zsh", ["-n"], { input: scripts.zsh });
});

test("fish completes", { skip: lacks("fish") }, () => {
  using state = makeState();
  // As fish loads it: a single argument may have 128 KB at most.
  const file = join(state.env.HOME!, "openclaw.fish");
  writeFileSync(file, scripts.fish);
  const ask = (line: string) =>
    execFileSync("fish", ["--no-config", "-c", `source ${file}; complete -C '${line}'`], {
      encoding: "utf8",
    });
  assert.match(ask("openclaw config s"), /^set\t/m);
  assert.match(ask("openclaw gateway run --auth "), /^password/m);
});

test("every command is in the script of every shell", () => {
  for (const shell of SHELLS)
    for (const { words } of COMMANDS) assert.ok(scripts[shell].includes(words.at(-1)!), `${shell}: ${words}`);
});

test("openclaw completion: the shell by name, by $SHELL, and not at all", async () => {
  using state = makeState();
  const named = await runHere(["completion", "fish"], state);
  assert.match(named.stdout, /^# Completion of openclaw [\d.]+ for fish/);
  const guessed = await runHere(["completion"], state, { SHELL: "/usr/bin/zsh" });
  assert.match(guessed.stdout, /^#compdef openclaw\n/);
  const unknown = await runHere(["completion", "tcsh"], state);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /expected one of bash, zsh, fish, powershell/);
  const installed = await runHere(["completion", "bash", "--install"], state);
  const file = join(state.env.HOME!, ".local/share/bash-completion/completions/openclaw");
  assert.ok(installed.stdout.includes(file));
  assert.match(readFileSync(file, "utf8"), /complete -F _openclaw openclaw/);
  const zsh = await runHere(["completion", "zsh", "--install"], state);
  assert.equal(zsh.code, 1);
  assert.match(zsh.stderr, /fix: echo 'source <\(openclaw completion zsh\)' >> ~\/\.zshrc/);
});
