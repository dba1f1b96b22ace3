// Pages that stand still: nothing of them runs, and what arrives for them waits, as when the browser freezes a page or the
// machine is too busy.
import type { CDPSession, Page } from "@playwright/test";

export class Freeze {
  private readonly browser: CDPSession;

  private constructor(browser: CDPSession) {
    this.browser = browser;
  }

  /** Stops a page between two of its tasks; it learns of it as little as of a stopped process. */
  static async begin(page: Page): Promise<Freeze> {
    const browser = await page.context().newCDPSession(page);
    await browser.send("Debugger.enable");
    const paused = new Promise((resolve) => browser.once("Debugger.paused", resolve));
    await browser.send("Debugger.pause");
    // The page looks at its clocks every second, and is stopped as it begins to.
    await paused;
    return new Freeze(browser);
  }

  /** Lets it go on. */
  async end(): Promise<void> {
    await this.browser.send("Debugger.disable");
    await this.browser.detach();
  }
}

/** Tells a page what the browser tells it when it freezes and thaws pages. */
export async function tell(page: Page, what: "freeze" | "resume"): Promise<void> {
  await page.evaluate((name) => document.dispatchEvent(new Event(name)), what);
}
