import { computed, signal } from "@preact/signals";
import { keepPreference, preference } from "../connect/stored.ts";
import { en, type Words } from "./en.ts";
import { zhCN } from "./zh-CN.ts";
import { zhTW } from "./zh-TW.ts";

export const LANGUAGES: Record<string, Words> = { en, "zh-TW": zhTW, "zh-CN": zhCN };

export const language = signal(choose());
export const words = computed(() => LANGUAGES[language.value] ?? en);

export function setLanguage(name: string): void {
  language.value = name;
  keepPreference("language", name);
}

function choose(): string {
  const kept = preference("language");
  if (kept && Object.hasOwn(LANGUAGES, kept)) return kept;
  for (const wished of navigator.languages) {
    if (/^zh-(tw|hk|mo|hant)/i.test(wished)) return "zh-TW";
    if (/^zh/i.test(wished)) return "zh-CN";
    if (/^en/i.test(wished)) return "en";
  }
  return "en";
}

/** "3 min", as short as it can be. */
export function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const of = (value: number, unit: "second" | "minute" | "hour" | "day") =>
    new Intl.NumberFormat(language.value, { style: "unit", unit, unitDisplay: "short" }).format(value);
  if (minutes < 1) return of(Math.round(ms / 1_000), "second");
  if (minutes < 60) return of(minutes, "minute");
  const hours = Math.floor(minutes / 60);
  return hours < 48
    ? `${of(hours, "hour")} ${of(minutes % 60, "minute")}`
    : of(Math.floor(hours / 24), "day");
}

export function clockTime(ms: number): string {
  return new Date(ms).toLocaleTimeString(language.value, { hour: "2-digit", minute: "2-digit" });
}

export function when(ms: number): string {
  const isToday = new Date(ms).toDateString() === new Date().toDateString();
  return isToday ? clockTime(ms) : new Date(ms).toLocaleDateString(language.value, { dateStyle: "medium" });
}

export function number(value: number): string {
  return new Intl.NumberFormat(language.value).format(value);
}

/** Small sums are what most answers cost. */
export function money(usd: number): string {
  return new Intl.NumberFormat(language.value, {
    style: "currency",
    currency: "USD",
    currencyDisplay: "narrowSymbol",
    maximumFractionDigits: usd < 1 ? 4 : 2,
  }).format(usd);
}
