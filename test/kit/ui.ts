import type { Browser, Page } from "./browser.ts";
import type { TestGateway } from "./gateway.ts";

/** Of the Control UI, as JavaScript for the page. */
export const el = (id: string) => `document.getElementById("${id}")`;
/** Its text once it is there. */
export const shown = (id: string) => `${el(id)}?.innerText`;
export const ANSWERS = `[...document.querySelectorAll("#log .answer")]`;

export const baseOf = ({ port }: { port: number }) => `http://127.0.0.1:${port}/`;

/** A browser that comes with the address its owner was given, and is let in. */
export async function openChat(browser: Browser, at: TestGateway, view = {}): Promise<Page> {
  const page = await browser.open(`${baseOf(at)}#token=${at.token}`, view);
  await isOpen(page);
  return page;
}

export async function isOpen(page: Page): Promise<void> {
  await page.until(
    `${el("gateway")}?.dataset.state === "open" && document.querySelector("#log[aria-busy=false]")`,
  );
}

/** Types a message, waits for the end of the run and gives the text of its answer. */
export async function ask(page: Page, text: string): Promise<string> {
  // Of a long conversation only a part is drawn, so that counting does not tell.
  const last = `[...document.querySelectorAll("#log .turn:has(.answer)")].at(-1)?.dataset.turn`;
  const before = await page.evaluate(`${last} ?? ""`);
  await page.evaluate(`${el("message")}.focus()`);
  await page.type(text);
  await page.press("Enter");
  return await page.until(
    `!document.querySelector(".working") && (${last} ?? "") !== ${JSON.stringify(before)} && ${ANSWERS}.at(-1).innerText`,
  );
}

/** Timers of a minute end within moments; short ones stay, so that nothing overtakes the network. */
export const FAST_CLOCK = `{ const real = setTimeout; globalThis.setTimeout = (run, ms = 0, ...rest) => real(run, ms > 5000 ? ms / 50 : ms, ...rest); }`;
