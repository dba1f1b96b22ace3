// What a page has said over time, kept by the page itself so that no word between two looks is lost.
import type { Page } from "@playwright/test";

const STATUS = [
  "Online",
  "Stale",
  "Offline",
  "Unconfirmed",
  "Never seen",
  "Starting",
  "Restarting",
  "Draining",
  "Maintenance",
  "Disabled",
];
const PILL = ["Connecting", "Live", "Delayed", "Disconnected", "Paused"];

declare global {
  interface Window {
    /** Set once; gone after a reload. */
    iqraMark?: string;
    iqraWords?: { status: string[]; pill: string[] };
    /** When the tab first said that it holds the connection, by the machine's clock. */
    iqraLeads?: number;
  }
}

/** Marks the page: a reload loses the mark. */
export async function mark(page: Page): Promise<void> {
  await page.evaluate(() => (window.iqraMark = "not reloaded"));
}

/** The mark, or undefined after a reload. */
export async function marked(page: Page): Promise<string | undefined> {
  return await page.evaluate(() => window.iqraMark);
}

/** Begins to collect, from now on: the words of all rows of tables, and the word of the connection. */
export async function collect(page: Page): Promise<void> {
  await page.evaluate(
    ({ status, pill }) => {
      const words: { status: string[]; pill: string[] } = { status: [], pill: [] };
      const add = (list: string[], word: string | undefined) => {
        if (word !== undefined && list.at(-1) !== word) list.push(word);
      };
      const look = () => {
        for (const row of document.querySelectorAll("tbody tr")) {
          const text = row.textContent ?? "";
          add(words.status, status.find((word) => text.includes(word)) ?? `no word: ${text}`);
        }
        for (const button of document.querySelectorAll("header button")) {
          const text = button.textContent?.trim() ?? "";
          add(words.pill, pill.find((word) => text.startsWith(word)));
        }
      };
      window.iqraWords = words;
      look();
      const options = { subtree: true, childList: true, characterData: true, attributes: true };
      new MutationObserver(look).observe(document.body, options);
    },
    { status: STATUS, pill: PILL },
  );
}

/** What has been collected: each word once for as long as it stood. */
export async function collected(page: Page): Promise<{ status: string[]; pill: string[] }> {
  const words = await page.evaluate(() => window.iqraWords);
  if (!words) throw new Error("nothing was collected: the page was loaded again, or `collect` was not called");
  return words;
}

/** Begins to look at when the tab says that it holds the connection. */
export async function watchLead(page: Page): Promise<void> {
  await page.evaluate(() => {
    delete window.iqraLeads;
    const look = () => {
      const name = [...document.querySelectorAll(".fresh dt")].find((one) => one.textContent?.includes("This tab"));
      if (name?.nextElementSibling?.textContent?.trim().startsWith("Holds")) window.iqraLeads ??= Date.now();
    };
    look();
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

/** When that was, in milliseconds; fails where it never did. */
export async function leadsSince(page: Page): Promise<number> {
  const at = await page.evaluate(() => window.iqraLeads);
  if (at === undefined) throw new Error("the tab has not led since `watchLead`");
  return at;
}
