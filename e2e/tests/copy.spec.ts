// A console on plain HTTP under a name of the local network has no `navigator.clipboard`: what is copied is copied all
// the same, or stands selected.
import { freePort } from "../support/processes.ts";
import { SlowLine } from "../support/slow-line.ts";
import { expect, heading, pill, signIn, test } from "../support/test.ts";

/** A name that is no loopback to the browser, which makes the page an insecure one. */
const HOST = "console.lan";

test.use({
  world: "copy",
  launchOptions: async ({ launchOptions }, use) =>
    use({ ...launchOptions, args: [...(launchOptions.args ?? []), `--host-resolver-rules=MAP ${HOST} 127.0.0.1`] }),
});

test("copying works where the browser has no clipboard for pages", async ({ page, server, api, guard }) => {
  const line = await SlowLine.open(server);
  const region = await api.createRegion("QA", `copy-${await freePort()}`);
  // The browser says of such a page that it ignores this header of the server.
  await guard.expecting(/Cross-Origin-Opener-Policy/, async () => {
    const { port } = new URL(line.url);
    const origin = `http://${HOST}:${port}`;
    guard.allow(origin);
    await page.goto(`${origin}/login`);
    expect(await page.evaluate(() => [window.isSecureContext, navigator.clipboard === undefined])).toEqual([false, true]);
    await signIn(page, origin);
    await page.goto(`${origin}/regions/${region}/nodes/new?kind=backend`);
    await page.getByRole("textbox", { name: "Endpoint" }).fill(`127.0.0.1:${await freePort()}`);
    await page.getByRole("button", { name: "Register node" }).click();
    await expect(heading(page, "Connect the server")).toBeVisible();
    await page.getByRole("button", { name: "Reveal" }).click();
    const secret = await page.getByRole("textbox", { name: "API secret" }).inputValue();
    const copy = page.getByRole("button", { name: /^(Copy secret|Copied)$/ });

    await test.step("by the old way", async () => {
      await copy.click();
      await expect(copy).toHaveText("Copied");
      await expect(page.getByRole("status").filter({ hasText: "Copied" })).toHaveCount(1);
      await expect(copy).toBeFocused();
      // What a person would paste.
      await page.keyboard.press("Control+k");
      const box = page.getByRole("combobox");
      await expect(box).toBeFocused();
      await page.keyboard.press("Control+v");
      await expect(box).toHaveValue(secret);
      await page.keyboard.press("Escape");
    });

    await test.step("where that is refused too, it is selected, and the keys are named", async () => {
      await page.evaluate(() => {
        document.execCommand = () => false;
      });
      const again = page.getByRole("button", { name: "Copy secret" });
      await again.click();
      await expect(page.getByText("Press Ctrl+C").first()).toBeVisible();
      const selected = await page.evaluate(() => {
        const at = document.activeElement;
        const field = at instanceof HTMLTextAreaElement || at instanceof HTMLInputElement ? at : undefined;
        return field ? field.value.slice(field.selectionStart ?? 0, field.selectionEnd ?? 0) : getSelection()?.toString();
      });
      expect(selected).toBe(secret);
    });
    await expect(pill(page)).toHaveText("Live");
  });
  // The page goes first, or it would see its connections break.
  await page.close();
  await line.close();
});
