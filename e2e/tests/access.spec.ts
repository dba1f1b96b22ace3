// For everyone: what is spoken, what moves, what is left without colours, where the focus is.
import type { Page } from "@playwright/test";
import { settled } from "../support/looks.ts";
import { freePort } from "../support/processes.ts";
import { expect, signedIn, test } from "../support/test.ts";

test.use({ world: "access" });

const fleet = { region: "", live: "", unseen: "" };

test.beforeAll(async ({ api, server }) => {
  fleet.region = await api.createRegion("OM", `access-${await freePort()}`);
  const live = await api.createNode(fleet.region, "backend", `127.0.0.1:${await freePort()}`, { maxConcurrentCalls: 25 });
  fleet.live = live.node.id;
  await server.startNode(live.snippet, ["--calls", "demo"]);
});

const LISTENING = "figures change without a word, a failure is said once";

test.beforeEach(async ({ api }, { title }) => {
  // A proxy that is never seen is news after a minute: not while all that is said is listened to.
  if (fleet.unseen !== "" || title === LISTENING) return;
  fleet.unseen = (await api.createNode(fleet.region, "proxy", `127.0.0.1:${await freePort()}`)).node.id;
});

declare global {
  interface Window {
    iqraSpoken?: string[];
    iqraFigures?: number;
  }
}

/** Begins to keep what live regions say and to count how often anything else on the page changes its text. */
async function listen(page: Page): Promise<void> {
  await page.evaluate(() => {
    const regions = "[role=status], [role=alert], [aria-live]:not([aria-live=off]), output";
    const spoken: string[] = [];
    window.iqraSpoken = spoken;
    window.iqraFigures = 0;
    const look = (records: MutationRecord[]) => {
      const said = new Set<Element>();
      for (const { target } of records) {
        const element = target instanceof Element ? target : target.parentElement;
        const region = element?.closest(regions);
        if (region) said.add(region);
        else window.iqraFigures = (window.iqraFigures ?? 0) + 1;
      }
      for (const region of said) {
        const text = region.textContent?.trim() ?? "";
        if (text !== "" && spoken.at(-1) !== text) spoken.push(text);
      }
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

const spoken = (page: Page) => page.evaluate(() => window.iqraSpoken ?? []);
const figures = (page: Page) => page.evaluate(() => window.iqraFigures ?? 0);

test(LISTENING, async ({ page, server, api }) => {
  const dying = await api.createNode(fleet.region, "backend", `127.0.0.1:${await freePort()}`, { displayName: "Dying" });
  const process = await server.startNode(dying.snippet);
  await expect.poll(async () => (await api.node(dying.node.id)).liveness, { timeout: 15_000 }).toBe("live");
  await signedIn(page, server);
  await page.goto("/dashboard");
  await settled(page);
  // What the page says about itself when it opens is no news of figures.
  await expect.poll(() => page.locator("[role=alert]").allTextContents()).not.toContainEqual(/offline/i);
  await listen(page);
  await expect.poll(() => figures(page), { timeout: 30_000, message: "the figures live" }).toBeGreaterThan(60);
  expect(await spoken(page), "spoken while figures changed").toEqual([]);
  await process.kill();
  const named = async () => (await spoken(page)).filter((text) => text.includes("Dying") && /offline/i.test(text));
  await expect.poll(async () => (await named()).length, { timeout: 15_000 }).toBe(1);
  const before = await figures(page);
  await expect.poll(() => figures(page), { timeout: 20_000 }).toBeGreaterThan(before + 40);
  expect(await named(), "said once").toHaveLength(1);
});

const PAGES = () => [
  "/dashboard",
  "/regions",
  `/regions/${fleet.region}`,
  "/nodes",
  `/nodes/${fleet.live}`,
  `/nodes/${fleet.live}/metrics`,
  "/activity",
  "/settings/appearance",
];

test("nothing moves where motion is not wanted", async ({ page, server }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await signedIn(page, server);
  for (const path of PAGES()) {
    await page.goto(path);
    await settled(page);
    const moving = await page.evaluate(() => {
      const seconds = (css: string) => Math.max(...css.split(",").map((part) => Number.parseFloat(part)));
      const name = (element: Element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""}`;
      const moves = (element: Element) => {
        const style = getComputedStyle(element);
        const animated = style.animationName !== "none" && seconds(style.animationDuration) > 0.001;
        return animated || seconds(style.transitionDuration) > 0.001;
      };
      const running = document.getAnimations().filter((animation) => animation.playState === "running").length;
      const found = [...document.querySelectorAll("body, body *")].filter(moves).map(name);
      return { running, found: [...new Set(found)].slice(0, 8) };
    });
    expect.soft(moving, path).toEqual({ running: 0, found: [] });
  }
});

test("without colours every status is a word and a shape", async ({ page, server }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await signedIn(page, server);
  for (const path of ["/dashboard", "/regions", `/regions/${fleet.region}`, "/nodes", `/nodes/${fleet.live}`]) {
    await page.goto(path);
    await settled(page);
    const statuses = page.locator("main .st:not(.plain, .num):visible");
    await expect(statuses.first()).toBeVisible();
    for (const status of await statuses.all()) {
      await expect.soft(status, path).toHaveText(/\p{Letter}{2}/u);
      await expect.soft(status.locator("svg").first(), `${path}: the shape`).toBeVisible();
    }
    await page.screenshot({ path: test.info().outputPath(`forced${path.replace(/\W+/g, "-")}.png`), fullPage: true });
  }
});

test("in greys, bars and strips are told apart by their patterns", async ({ page, server }) => {
  const greys = await page.context().newCDPSession(page);
  await greys.send("Emulation.setEmulatedVisionDeficiency", { type: "achromatopsia" });
  await signedIn(page, server);
  for (const path of ["/dashboard", `/regions/${fleet.region}`, "/nodes", `/nodes/${fleet.live}`, "/help/statuses"]) {
    await page.goto(path);
    await settled(page);
    for (const bar of await page.locator("main :is(.bar, .tl):visible").all()) {
      // Each part of a bar as it is drawn without its colours: two that look the same are one to the reader.
      const looks = await bar.locator("> i").evaluateAll((parts) =>
        parts.map((part) => {
          const { backgroundImage, backgroundColor, boxShadow } = getComputedStyle(part);
          const plain = (text: string) => text.replace(/(rgba?|color|oklab)\([^()]*\)/g, "");
          const empty = /, 0\)$/.test(backgroundColor);
          return { family: part.className, look: `${plain(backgroundImage)} ${plain(boxShadow)} ${empty}` };
        }),
      );
      const families = new Set(looks.map(({ family }) => family));
      expect.soft(new Set(looks.map(({ look }) => look)).size, `${path}: ${[...families].join(", ")}`).toBe(families.size);
    }
    await page.screenshot({ path: test.info().outputPath(`grey${path.replace(/\W+/g, "-")}.png`), fullPage: true });
  }
});

test("the focus is seen at every stop, and nothing covers it", async ({ page, server }) => {
  await signedIn(page, server);
  for (const path of ["/dashboard", "/nodes", `/nodes/${fleet.live}`]) {
    await page.goto(path);
    await settled(page);
    const stops = new Set<string>();
    for (let stop = 0; stop < 60; stop += 1) {
      await page.keyboard.press("Tab");
      const seen = await page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return undefined;
        const name = `${element.tagName.toLowerCase()} ${(element.getAttribute("aria-label") ?? element.textContent ?? "").trim().slice(0, 40)}`;
        // A control may be drawn by its label, and a link over its card.
        const around = [element, element.parentElement, element.closest("label, article")].filter((one) => one !== null);
        const marked = around.some((one) => {
          return [getComputedStyle(one), getComputedStyle(one, "::before"), getComputedStyle(one, "::after")].some(
            (style) => (style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none",
          );
        });
        const box = element.getBoundingClientRect();
        const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 12));
        const covered = box.width > 2 && top !== null && !element.contains(top) && !top.contains(element) && !!top.closest("header.top");
        return { name, marked, covered };
      });
      if (!seen) break;
      if (!seen.marked) stops.add(`${seen.name}: no mark`);
      if (seen.covered) stops.add(`${seen.name}: under the bar`);
    }
    expect.soft([...stops], path).toEqual([]);
  }
});

test("wider letters and lines cut nothing off", async ({ page, server }) => {
  await signedIn(page, server);
  for (const path of PAGES()) {
    await page.goto(path);
    await settled(page);
    // The values of WCAG 2.2, 1.4.12.
    const content = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }";
    await page.evaluate((css) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      document.adoptedStyleSheets = [sheet];
    }, content);
    const cut = await page.evaluate(() => {
      const clips = (element: Element) => {
        const style = getComputedStyle(element);
        const hides = style.overflowY === "hidden" || style.overflowY === "clip";
        const hidden = style.position === "absolute" && style.clipPath !== "none";
        return hides && !hidden && element.clientHeight > 1 && element.scrollHeight > element.clientHeight + 2;
      };
      return [...document.querySelectorAll("main *, header.top *")]
        .filter((element) => !(element instanceof SVGElement) && clips(element))
        .map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""}`)
        .slice(0, 5);
    });
    expect.soft(cut, path).toEqual([]);
  }
});
