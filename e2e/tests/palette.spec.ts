// Search and commands, and the shortcuts: without a mouse, on a Latin and on an Arabic keyboard, and switched off.
import type { Locator, Page } from "@playwright/test";
import { freePort } from "../support/processes.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "palette" });

const made = { region: "", node: "", name: "" };

test.beforeAll(async ({ api }) => {
  made.region = await api.createRegion("OM", `find-${await freePort()}`);
  made.name = `Finder ${await freePort()}`;
  const node = await api.createNode(made.region, "backend", `127.0.0.1:${await freePort()}`, { displayName: made.name });
  made.node = node.node.id;
});

test.beforeEach(async ({ page, server }) => {
  await signedIn(page, server);
  await page.goto("/dashboard");
  await expect(pill(page)).toHaveText("Live");
});

function palette(page: Page): Locator {
  return page.getByRole("dialog", { name: "Search and commands" });
}

/** What Enter would take. */
function chosen(page: Page): Locator {
  return palette(page).locator("[role=option][aria-selected=true]");
}

/** A key as a keyboard with an Arabic layout sends it. */
async function arabic(page: Page, key: string, code: string, more: object = {}): Promise<void> {
  await page.evaluate(
    ([key, code, more]) => {
      const target = document.activeElement ?? document.body;
      target.dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true, ...more }));
    },
    [key, code, more] as const,
  );
}

test("a page, a node and a region are found by keyboard alone", async ({ page }) => {
  const input = palette(page).getByRole("combobox");
  await test.step("it opens, and the arrow keys go round", async () => {
    await page.keyboard.press("Control+k");
    await expect(input).toBeFocused();
    await expect(input).toHaveAttribute("aria-expanded", "true");
    await expect(chosen(page)).toHaveCount(1);
    const first = await chosen(page).innerText();
    await page.keyboard.press("ArrowDown");
    await expect(chosen(page)).not.toHaveText(first);
    await expect(input).toHaveAttribute("aria-activedescendant", (await chosen(page).getAttribute("id")) ?? "none");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    await expect(palette(page).getByRole("option").last()).toHaveAttribute("aria-selected", "true");
    await expectAccessible(page);
  });
  await test.step("a page", async () => {
    await page.keyboard.type("unregist");
    await expect(chosen(page)).toContainText("Unregistered nodes");
    await expect(palette(page).getByRole("status")).toHaveText(/^\d+ results?$/);
    await page.keyboard.press("Enter");
    await expect(palette(page)).toBeHidden();
    await expect(heading(page, "Unregistered nodes")).toBeFocused();
  });
  await test.step("a node that this page does not know: the server is asked", async () => {
    await page.keyboard.press("Control+k");
    await page.keyboard.type(made.name.toLowerCase());
    await expect(palette(page).getByRole("group", { name: "Nodes" }).getByRole("option")).toContainText(made.name);
    await expect(chosen(page)).toContainText(made.name);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(new RegExp(`/nodes/${made.node}$`));
    await expect(heading(page, made.name)).toBeFocused();
  });
  await test.step("a region by the Arabic name of its country", async () => {
    await page.keyboard.press("Control+k");
    await page.keyboard.insertText("عمان");
    await expect(palette(page).getByRole("group", { name: "Regions" }).getByRole("option").first()).toContainText("OM-");
    await page.keyboard.press("Escape");
    await expect(palette(page)).toBeHidden();
    await expect(heading(page, made.name)).toBeFocused();
  });
  await test.step("what was seen last", async () => {
    await page.goto("/dashboard");
    await expect(pill(page)).toHaveText("Live");
    await page.keyboard.press("Control+k");
    await expect(palette(page).getByRole("group", { name: "Recent" })).toContainText(made.name);
    await page.keyboard.type("zzzz");
    await expect(palette(page).getByRole("status")).toHaveText("0 results");
    await expect(palette(page).getByText(/^Nothing matches/)).toBeVisible();
    // The same keys close it, in its own input too.
    await page.keyboard.press("Control+k");
    await expect(palette(page)).toBeHidden();
  });
});

test("an action of the page opens its dialog and does nothing by itself", async ({ page, api }) => {
  await page.goto(`/nodes/${made.node}`);
  await expect(pill(page)).toHaveText("Live");
  await page.getByRole("button", { name: "Search or run a command" }).focus();
  await page.keyboard.press("Enter");
  await expect(palette(page).getByRole("combobox")).toBeFocused();
  await page.keyboard.type("disable");
  await expect(chosen(page)).toContainText("Disable…");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: /^Disable node/ });
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  expect((await api.get<{ intent: { state: string } }>(`/api/v1/nodes/${made.node}`)).intent.state).toBe("active");
  await test.step("and goes with its page", async () => {
    await page.goto("/help");
    await expect(heading(page, "Help")).toBeVisible();
    await page.keyboard.press("Control+k");
    // Its part comes anew with the page.
    await expect(palette(page).getByRole("combobox")).toBeFocused();
    await page.keyboard.type("disable…");
    await expect(palette(page).getByRole("combobox")).toHaveValue("disable…");
    await expect(palette(page).getByRole("option").filter({ hasText: "Disable…" })).toHaveCount(0);
  });
});

test("shortcuts", async ({ page }) => {
  await test.step("g and a letter", async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("n");
    await expect(heading(page, "Nodes")).toBeFocused();
  });
  await test.step("the filter; keys in it are text", async () => {
    await page.keyboard.press("/");
    const filter = page.getByRole("searchbox").first();
    await expect(filter).toBeFocused();
    await page.keyboard.type("gr?");
    await expect(filter).toHaveValue("gr?");
    await expect(heading(page, "Nodes")).toBeVisible();
    await page.keyboard.press("Control+k");
    await expect(palette(page)).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(palette(page)).toBeHidden();
    await expect(filter).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(filter).toHaveValue("");
  });
  await test.step("pause and back", async () => {
    await heading(page, "Nodes").focus();
    await page.keyboard.press("p");
    await expect(page.getByRole("button", { name: /^Paused/ }).first()).toBeVisible();
    await page.keyboard.press("p");
    await expect(pill(page)).toHaveText("Live");
  });
  await test.step("maintenance of a node", async () => {
    await page.goto(`/nodes/${made.node}`);
    await expect(pill(page)).toHaveText("Live");
    await expect(page.getByRole("button", { name: "Maintenance…", exact: true })).toBeVisible();
    await page.keyboard.press("m");
    await expect(page.getByRole("dialog", { name: /^Turn on maintenance/ })).toBeVisible();
    await page.keyboard.press("Escape");
  });
  await test.step("the list of shortcuts, with the switch", async () => {
    await page.keyboard.press("Shift+?");
    const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await expect(sheet).toBeVisible();
    await expectAccessible(page);
    await sheet.getByRole("checkbox", { name: "Single-key shortcuts" }).uncheck();
    await page.keyboard.press("Escape");
    await expect(sheet).toBeHidden();
  });
  await test.step("off: keys alone do nothing, also after a reload; the palette works", async () => {
    await page.reload();
    await expect(pill(page)).toHaveText("Live");
    await page.keyboard.press("g");
    await page.keyboard.press("d");
    await page.keyboard.press("Shift+?");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expect(page).toHaveURL(new RegExp(made.node));
    await page.keyboard.press("Control+k");
    await expect(palette(page)).toBeVisible();
    await page.keyboard.press("Escape");
  });
});

test("the key in the same place counts on an Arabic keyboard", async ({ page }) => {
  await arabic(page, "ل", "KeyG");
  await arabic(page, "ى", "KeyN");
  await expect(heading(page, "Nodes")).toBeFocused();
  const filter = page.getByRole("searchbox").first();
  await expect(filter).toBeVisible();
  // Pressed once: a page that has just come does not take the focus back to its heading.
  await arabic(page, "ظ", "Slash");
  await expect(filter).toBeFocused();
  // Typing in the same script stays typing.
  await arabic(page, "ل", "KeyG");
  await arabic(page, "ق", "KeyR");
  await expect(heading(page, "Nodes")).toBeVisible();
  await arabic(page, "ن", "KeyK", { ctrlKey: true });
  await expect(palette(page)).toBeVisible();
});
