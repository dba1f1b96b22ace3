// What a page has painted over time, and what it has said: kept by the page itself, frame by frame.
import type { Page } from "@playwright/test";
import { eventually } from "./processes.ts";

/** What was painted for a while: the word of the connection, and the text of the first row of a table. */
export interface Painted {
  pill: string;
  row: string;
  /** When it was first seen, by the page's clock. */
  at: number;
  /** The first frame after the page stood still for seconds. */
  thawed: boolean;
}

declare global {
  interface Window {
    iqraPainted?: Painted[];
    iqraSaid?: string[];
  }
}

/** Begins to note what is painted, each frame that differs from the one before, and what is said. */
export async function watchPaint(page: Page): Promise<void> {
  await page.evaluate(() => {
    const painted: Painted[] = [];
    const said: string[] = [];
    window.iqraPainted = painted;
    window.iqraSaid = said;
    const text = (selector: string) => document.querySelector(selector)?.textContent?.trim() ?? "";
    let before = performance.now();
    const note = () => {
      const at = performance.now();
      const now = { pill: text("header .live"), row: text("tbody tr"), at, thawed: at - before > 3_000 };
      before = at;
      const last = painted.at(-1);
      if (now.thawed || last?.pill !== now.pill || last.row !== now.row) painted.push(now);
    };
    // A message is handled after the frame that was asked for has been painted.
    const after = new MessageChannel();
    after.port1.onmessage = note;
    const frame = () => {
      after.port2.postMessage(0);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    for (const region of document.querySelectorAll(".vh[role=status], .vh[role=alert]")) {
      new MutationObserver(() => {
        const words = region.textContent?.trim() ?? "";
        if (words !== "") said.push(words);
      }).observe(region, { childList: true, characterData: true, subtree: true });
    }
  });
}

/** What was painted since `watchPaint`. */
export async function painted(page: Page): Promise<Painted[]> {
  return await page.evaluate(() => window.iqraPainted ?? []);
}

/** The page's own clock now, in milliseconds, which `Painted.at` is told by. */
export async function clock(page: Page): Promise<number> {
  return await page.evaluate(() => performance.now());
}

/**
 * When the pill was first painted with this word after `from`, by the page's clock: so that how late somebody looks from
 * outside, on a busy machine, is no part of it. The word has been seen already.
 */
export async function paintedAt(page: Page, word: RegExp, from: number): Promise<number> {
  return await eventually(`a frame with ${word}`, 5_000, async () => {
    const frames = await painted(page);
    return frames.find(({ pill, at }) => at >= from && word.test(pill))?.at;
  });
}

/** What was said since `watchPaint`. */
export async function said(page: Page): Promise<string[]> {
  return await page.evaluate(() => window.iqraSaid ?? []);
}
