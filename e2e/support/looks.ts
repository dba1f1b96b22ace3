// What has to hold of any page, however it is looked at: languages, themes and widths.
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

export type Language = "en" | "ar";

/** The page is opened in this language from its next load on. */
export async function speak(page: Page, language: Language): Promise<void> {
  await page.addInitScript((chosen) => localStorage.setItem("iqra.language", chosen), language);
}

/** Waits until the page shows what it has: its part and its data are here, nothing is being fetched. */
export async function settled(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
  await expect(page.locator(".app[data-fresh=live]")).toBeVisible();
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
}

/** Waits until what appears has appeared: halfway its colours are not its own. What turns for ever is left alone. */
export async function appeared(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ends = (one: Animation) => one.playState === "running" && Number.isFinite(one.effect?.getComputedTiming().endTime);
    // One that is called off is over too.
    await Promise.allSettled(document.getAnimations().filter(ends).map((one) => one.finished));
  });
}

/** Violations of WCAG 2.2 A and AA and of axe's best practice; of these rules alone where some are named. */
export async function axe(page: Page, when: string, rules?: string[]): Promise<void> {
  await appeared(page);
  // The page has no frames, so that axe needs no second page to put results together: half the time.
  const builder = new AxeBuilder({ page }).setLegacyMode();
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations } = await (rules ? builder.withRules(rules) : builder.withTags(tags)).analyze();
  const short = violations.map(({ id, help, nodes }) => ({
    id,
    help,
    at: nodes.map((node) => `${node.target.join(" ")}: ${node.failureSummary ?? ""}`.slice(0, 300)),
  }));
  expect.soft(short, when).toEqual([]);
}

/** Nothing makes the page scroll sideways; tables scroll in their own boxes. */
export async function expectReflow(page: Page, when: string): Promise<void> {
  const wide = () =>
    page.evaluate(() => {
      const out = document.documentElement.scrollWidth - window.innerWidth;
      if (out <= 0) return "";
      const over = [...document.querySelectorAll("body *")].filter((element) => {
        const box = element.getBoundingClientRect();
        return box.right > window.innerWidth + 1 || box.left < -1;
      });
      const name = (element: Element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""}`;
      return `${out} px: ${over.slice(0, 5).map(name).join(", ")}`;
    });
  // The layout follows a change of the width within a frame or two.
  await expect.soft.poll(wide, { message: `${when}: what sticks out`, timeout: 2_000 }).toBe("");
}

/** Names, keys, units and file names that Arabic text keeps in Latin letters. */
const LATIN = new Set(
  (
    "Iqra AI API CPU RAM SIP S3 UTC GMT HTTP HTTPS SSL TLS DNS TCP UDP URL ID IP CSV NDJSON JSON SVG AWS JWT " +
    "Ctrl Shift Enter Esc Tab Alt Home End PageUp PageDown K GiB MiB KiB TiB Kb Mb Gb ISO PostgreSQL Docker systemd " +
    "English OpenAPI curl WebAssembly Inter IBM Plex Sans Arabic Lucide OFL ISC MIT BETA"
  ).split(" "),
);

/** Words in Latin letters that are neither such names nor marked as English or as what has no language; in one place. */
export async function foreignWords(page: Page, inside = "body"): Promise<string[]> {
  const texts = await page.locator(inside).evaluate((root) => {
    const marked = "code, pre, kbd, samp, script, style, textarea, [lang=en], [dir=ltr], [translate=no], svg";
    const found: string[] = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (parent && !parent.closest(marked)) found.push(node.textContent ?? "");
    }
    for (const element of root.querySelectorAll("[aria-label], [title], [placeholder], img[alt]")) {
      if (element.closest("[lang=en], [dir=ltr], [translate=no]")) continue;
      for (const name of ["aria-label", "title", "placeholder", "alt"]) found.push(element.getAttribute(name) ?? "");
    }
    return found;
  });
  const foreign = new Set<string>();
  for (const text of texts) {
    // Between isolates stands an id, an address or a value.
    const plain = text.replace(/\u2066[^\u2069]*\u2069|\u2068[^\u2069]*\u2069/g, " ");
    const words = (plain.match(/[A-Za-z][A-Za-z0-9]+/g) ?? []).filter((word) => !LATIN.has(word));
    if (words.length > 0) foreign.add(text.trim().slice(0, 120));
  }
  return [...foreign];
}

/** 0 is black, 1 is white; of `rgb(…)` or `color(srgb …)` or `oklch(…)`. */
export function brightness(css: string): number {
  const numbers = (css.match(/[\d.]+/g) ?? []).map(Number);
  if (css.startsWith("oklch") || css.startsWith("oklab")) return numbers[0] ?? 0;
  const most = css.startsWith("rgb") ? 255 : 1;
  return numbers.slice(0, 3).reduce((sum, part) => sum + part, 0) / (3 * most);
}

/** How bright the page is. */
export async function background(page: Page): Promise<number> {
  return brightness(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
}
