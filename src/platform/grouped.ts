/** 1234567 as "1,234,567". `toLocaleString` would load 8 MB of locale data. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}
