import { computed, signal } from "@preact/signals";

export const PAGES = [
  "chat",
  "overview",
  "usage",
  "agents",
  "channels",
  "devices",
  "logs",
  "config",
] as const;
export type PageName = (typeof PAGES)[number];

/** Where in the page somebody is, as a link can name it: `#/chat/agent:main:main`. */
const fragment = signal(location.hash);

export const route = computed((): { page: PageName; rest: string } => {
  const [, name, rest] = /^#\/(\w+)(?:\/(.*))?$/.exec(fragment.value) ?? [];
  const page = PAGES.find((each) => each === name) ?? "chat";
  return { page, rest: decode(rest ?? "") };
});

export function linkTo(page: PageName, rest = ""): string {
  return `#/${page}${rest && `/${encodeURIComponent(rest).replaceAll("%3A", ":")}`}`;
}

export function go(page: PageName, rest = ""): void {
  location.hash = linkTo(page, rest);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

addEventListener("hashchange", () => {
  fragment.value = location.hash;
});
