/** What can be asked about; each is a word of `configure`. */
export const SECTIONS = ["model", "gateway", "workspace", "channels", "service"] as const;
export type Section = (typeof SECTIONS)[number];
