/** Ways in which a text reaches the recogniser other than as it was printed. Seeded: the same run gives the same texts. */
export type Random = () => number;

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

type Mangle = (text: string, random: Random) => string;

const pick = <Item>(items: readonly Item[], random: Random): Item =>
  items[Math.floor(random() * items.length)]!;

/** What stands around a failure in real logs and says nothing about it. */
export const NOISE: readonly string[] = [
  '192.0.2.7 - - [20/Nov/2026:18:15:17 +0000] "GET /health HTTP/1.1" 200 15 "-" "curl/8.5.0"',
  "Nov 20 18:15:17 host systemd[1]: Started Session 12 of User ann.",
  "npm notice New major version of npm available! 10.8.2 -> 11.4.1",
  "2026-11-20T18:15:01.120Z [ws] connected connId=1 client=cli mode=cli ip=127.0.0.1",
  "18:15:02 [turn] turn answered turnId=7 sessionKey=agent:main:main ms=812",
  "    at processTicksAndRejections (node:internal/process/task_queues:105:5)",
  "Node.js v24.21.0",
  "ann@host:~$ ls",
  "total 24",
  "Hit:1 http://deb.debian.org/debian trixie InRelease",
  "Reading package lists... Done",
  "",
  "--------------------------------------------------------------------------------",
  "Nov 20 18:15:18 host kernel: eth0: link becomes ready",
  "CONTAINER ID   IMAGE            COMMAND   CREATED   PORTS",
];

const PREFIXES: readonly string[] = [
  "2026-11-20T18:15:17.765Z ",
  "[2026-11-20 18:15:17] ",
  "18:15:17 [gateway] ",
  "Nov 20 18:15:17 host openclaw[4711]: ",
  "openclaw-1  | 2026-11-20T18:15:17Z ",
  "0|openclaw  | ",
  "[12345.678901] ",
];

const QUESTIONS: readonly ((text: string) => string)[] = [
  (text) => `我的 OpenClaw 一直出現「${text}」,重開機也沒有用,請問要怎麼處理?`,
  (text) => `昨天更新 openclaw 之後就看到 ${text},是不是我哪裡設定錯了`,
  (text) => `照著教學做到一半,gateway 顯示:${text}。有人遇過嗎?`,
];

export const MANGLES: Readonly<Record<string, Mangle>> = {
  case: (text, random) =>
    random() < 0.4
      ? text.toUpperCase()
      : Array.from(text, (char) => (random() < 0.5 ? char.toUpperCase() : char.toLowerCase())).join(""),
  wrap(text, random) {
    const width = 18 + Math.floor(random() * 30);
    const indent = pick(["", "  ", "> "], random);
    const lines: string[] = [];
    for (let at = 0; at < text.length; at += width) lines.push(text.slice(at, at + width));
    return lines.join(`\n${indent}`);
  },
  prefix: (text, random) => pick(PREFIXES, random) + text,
  colours: (text) =>
    `\u001b[2m18:15:17\u001b[0m \u001b[31;1m${text.replace(/ /, " \u001b[0m\u001b[38;5;208m")}\u001b[0m`,
  places: (text, random) =>
    text
      .replace(/\b(localhost|127\.0\.0\.1)(?=:)/g, () =>
        pick(["192.168.1.20", "claw.example.net", "localhost"], random),
      )
      .replace(/\b(3001|18789|18790)\b/g, () => String(1024 + Math.floor(random() * 60_000)))
      .replace(/\bpid \d+/g, () => `pid ${Math.floor(random() * 90_000)}`),
  quotes: (text) =>
    text
      .replace(/"([^"]*)"/g, "“$1”")
      .replace(/'([^']*)'/g, "‘$1’")
      .replace(/—|--| - /g, "–")
      .replace(/:/g, ":")
      .replace(/\(/g, "(")
      .replace(/\)/g, ")"),
  cut: (text, random) => text.slice(0, Math.ceil(text.length * (0.75 + random() * 0.2))),
  noise(text, random) {
    const around = () => Array.from({ length: 3 + Math.floor(random() * 6) }, () => pick(NOISE, random));
    return [...around(), text, ...around()].join("\n");
  },
  json: (text) =>
    JSON.stringify({ time: "2026-11-20T18:15:17.765Z", level: "error", subsystem: "gateway", message: text }),
  question: (text, random) => pick(QUESTIONS, random)(text),
  frame: (text) => `┌──────────────┐\n│ \`${text}\` │\n└──────────────┘\n\n\`\`\`\n\`\`\``,
};

/** Not one of the above: the words themselves are wrong. */
export function mistype(text: string, random: Random): string {
  return text.replace(/[a-z]{6,}/g, (word) => {
    if (random() < 0.6) return word;
    const at = 1 + Math.floor(random() * (word.length - 3));
    return random() < 0.5
      ? word.slice(0, at) + word.slice(at + 1)
      : word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2);
  });
}
