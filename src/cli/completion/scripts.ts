import type { CompletionNode, CompletionOption } from "./tree.ts";

export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;
export type Shell = (typeof SHELLS)[number];

/** A script that completes without starting this program. Only text of our own specs gets into it. */
export function completionScript(shell: Shell, nodes: readonly CompletionNode[], version: string): string {
  const head = `# Completion of openclaw ${version} for ${shell}. Made by: openclaw completion ${shell}`;
  return SCRIPTS[shell](nodes, head);
}

const SCRIPTS: Readonly<Record<Shell, (nodes: readonly CompletionNode[], head: string) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
};

/** A word in single quotes, for the shells of Unix. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

const flagsOf = (node: CompletionNode) => node.options.flatMap(({ flags }) => flags);
const subcommandsOf = (node: CompletionNode) => node.subcommands.map(({ word }) => word);
const valueOptions = (nodes: readonly CompletionNode[]) => [
  ...new Set(
    nodes.flatMap(({ options }) => options.filter((each) => each.takesValue).flatMap(({ flags }) => flags)),
  ),
];

/** `case` arms: which values an option takes at which command. */
function valueArms(nodes: readonly CompletionNode[], line: (option: CompletionOption) => string): string[] {
  return nodes.flatMap((node) =>
    node.options
      .filter(({ values }) => values.length > 0)
      .flatMap((option) =>
        option.flags.map((flag) => `    ${quoted(`${node.words}|${flag}`)}) ${line(option)} ;;`),
      ),
  );
}

/** Which command the words before the cursor name; `$1` onward, in the shells that have `case`. */
function walkLines(nodes: readonly CompletionNode[]): string[] {
  return [
    "  local at='' skip='' word",
    '  for word in "$@"; do',
    "    if [[ -n $skip ]]; then skip=''; continue; fi",
    '    case "$word" in',
    `      ${valueOptions(nodes).join("|")}) skip=1 ;;`,
    "      -*) ;;",
    "      *)",
    '        case "${at:+$at }$word" in',
    `          ${nodes
      .filter(({ words }) => words !== "")
      .map(({ words }) => quoted(words))
      .join("|")}) at="\${at:+$at }$word" ;;`,
    "        esac ;;",
    "    esac",
    "  done",
  ];
}

function bashScript(nodes: readonly CompletionNode[], head: string): string {
  const arms = nodes.map(
    (node) =>
      `    ${quoted(node.words)}) flags=${quoted(flagsOf(node).join(" "))} words=${quoted(subcommandsOf(node).join(" "))} ;;`,
  );
  return `${[
    head,
    "_openclaw_complete() {",
    ...walkLines(nodes),
    "  local flags='' words='' values=''",
    '  case "$at" in',
    ...arms,
    "  esac",
    '  case "$at|$previous" in',
    ...valueArms(nodes, ({ values }) => `values=${quoted(values.join(" "))}`),
    "  esac",
    '  if [[ -n $values ]]; then COMPREPLY=($(compgen -W "$values" -- "$current"))',
    "  elif [[ -n $skip ]]; then compopt -o default 2>/dev/null",
    '  elif [[ $current == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$current"))',
    '  elif [[ -n $words ]]; then COMPREPLY=($(compgen -W "$words" -- "$current"))',
    "  else compopt -o default 2>/dev/null; fi",
    "}",
    "_openclaw() {",
    "  COMPREPLY=()",
    '  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" end=$COMP_CWORD',
    "  # Bash takes the = of --option=value for a word of its own.",
    `  if [[ $current == = ]]; then current=''; elif [[ $previous == = ]]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"; end=$((end - 1)); fi`,
    '  _openclaw_complete "${COMP_WORDS[@]:1:end-1}"',
    "}",
    "complete -F _openclaw openclaw",
  ].join("\n")}\n`;
}

function zshScript(nodes: readonly CompletionNode[], head: string): string {
  const described = (word: string, summary: string) => quoted(`${word.replaceAll(":", "\\:")}:${summary}`);
  const arms = nodes.map((node) => {
    const flags = node.options.flatMap(({ flags, summary }) => flags.map((flag) => described(flag, summary)));
    const words = node.subcommands.map(({ word, summary }) => described(word, summary));
    return `    ${quoted(node.words)}) flags=(${flags.join(" ")}) words_here=(${words.join(" ")}) ;;`;
  });
  return `${[
    "#compdef openclaw",
    head,
    "_openclaw_complete() {",
    ...walkLines(nodes),
    "  local -a flags words_here values",
    '  case "$at" in',
    ...arms,
    "  esac",
    '  case "$at|$previous" in',
    ...valueArms(nodes, ({ values }) => `values=(${values.map(quoted).join(" ")})`),
    "  esac",
    "  if (( $#values )); then compadd -- $values",
    "  elif [[ -n $skip ]]; then _files",
    "  elif [[ $current == -* ]]; then _describe -o option flags",
    "  elif (( $#words_here )); then _describe command words_here",
    "  else _files; fi",
    "}",
    "_openclaw() {",
    '  local current="$words[CURRENT]" previous="$words[CURRENT-1]"',
    '  _openclaw_complete "${(@)words[2,CURRENT-1]}"',
    "}",
    'if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _openclaw "$@"; else compdef _openclaw openclaw; fi',
  ].join("\n")}\n`;
}

function fishScript(nodes: readonly CompletionNode[], head: string): string {
  const word = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = nodes.flatMap((node) => {
    const here = `-n ${word(`__openclaw_at ${node.words === "" ? "''" : `'${node.words}'`}`)}`;
    const options = node.options.map(({ flags, summary, takesValue, values }) => {
      const names = flags
        .map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
        .join(" ");
      const value = values.length > 0 ? ` -x -a ${word(values.join(" "))}` : takesValue ? " -r" : "";
      return `complete -c openclaw ${here} ${names}${value} -d ${word(summary)}`;
    });
    const subcommands = node.subcommands.map(
      (each) => `complete -c openclaw ${here} -f -a ${each.word} -d ${word(each.summary)}`,
    );
    return [...subcommands, ...options];
  });
  return `${[
    head,
    "function __openclaw_at",
    "  set -l at",
    "  set -l skip 0",
    "  for token in (commandline -opc)[2..-1]",
    "    if test $skip = 1; set skip 0; continue; end",
    `    if contains -- $token ${valueOptions(nodes).join(" ")}; set skip 1; continue; end`,
    "    string match -q -- '-*' $token; and continue",
    "    set -l next (string join ' ' $at $token)",
    `    contains -- $next ${nodes
      .filter(({ words }) => words !== "")
      .map(({ words }) => word(words))
      .join(" ")}; and set at $next`,
    "  end",
    '  test "$at" = "$argv[1]"',
    "end",
    ...lines,
  ].join("\n")}\n`;
}

function powershellScript(nodes: readonly CompletionNode[], head: string): string {
  const word = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const list = (words: readonly string[]) => `@(${words.map(word).join(", ")})`;
  const table = nodes.map(
    (node) =>
      `  ${word(node.words)} = @{ flags = ${list(flagsOf(node))}; words = ${list(subcommandsOf(node))} }`,
  );
  const values = nodes.flatMap((node) =>
    node.options
      .filter((option) => option.values.length > 0)
      .flatMap(({ flags, values }) =>
        flags.map((flag) => `  ${word(`${node.words}|${flag}`)} = ${list(values)}`),
      ),
  );
  return `${[
    head,
    "$openclawTree = @{",
    ...table,
    "}",
    "$openclawValues = @{",
    ...values,
    "}",
    `$openclawTakesValue = ${list(valueOptions(nodes))}`,
    "Register-ArgumentCompleter -Native -CommandName openclaw -ScriptBlock {",
    "  param($wordToComplete, $commandAst, $cursorPosition)",
    "  $at = ''; $skip = $false; $previous = ''",
    "  foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {",
    "    if ($element.Extent.EndOffset -ge $cursorPosition -and $wordToComplete -ne '') { break }",
    '    $token = "$element"; $previous = $token',
    "    if ($skip) { $skip = $false; continue }",
    "    if ($openclawTakesValue -contains $token) { $skip = $true; continue }",
    "    if ($token.StartsWith('-')) { continue }",
    '    $next = "$at $token".Trim()',
    "    if ($openclawTree.ContainsKey($next)) { $at = $next }",
    "  }",
    '  $found = $openclawValues["$at|$previous"]',
    "  if (-not $found -and -not $skip) {",
    "    $found = if ($wordToComplete.StartsWith('-')) { $openclawTree[$at].flags } else { $openclawTree[$at].words }",
    "  }",
    '  $found | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {',
    "    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)",
    "  }",
    "}",
  ].join("\n")}\n`;
}
