// Charts: read with keys and pointer, as a table and as a file, a time marked and given up again, and a gap where a node
// was killed.
import { readFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";
import { freePort } from "../support/processes.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "charts" });

function chart(page: Page, name: string): Locator {
  return page.getByRole("region", { name, exact: true });
}

function slider(page: Page, name: string): Locator {
  return chart(page, name).getByRole("slider");
}

/** The cells of a table: the wire value where there is one. */
async function cells(table: Locator): Promise<string[][]> {
  return await table.locator("tbody tr").evaluateAll((rows) =>
    rows.map((row) => [
      row.querySelector("time")?.dateTime ?? "",
      ...[...row.querySelectorAll("data")].map((cell) => cell.value),
    ]),
  );
}

test("a chart is read by keys, as a table, as a file, closer, and breaks where the node was killed", async ({ page, server, api }) => {
  test.setTimeout(150_000);
  const region = await api.createRegion("OM", "charts");
  const name = `127.0.0.1:${await freePort()}`;
  const made = await api.createNode(region, "backend", name);
  const node = await server.startNode(made.snippet, ["--calls", "2"]);
  const start = Date.now();
  const at = (ms: number): string => new Date(ms).toISOString();
  await signedIn(page, server);
  // From before its first heartbeat, and up to now.
  await page.goto(`/nodes/${made.node.id}/metrics?from=${at(start - 20_000)}&to=${at(start + 3_600_000)}`);
  await expect(heading(page, name)).toBeVisible();
  await expect(pill(page)).toHaveText("Live");
  const stats = chart(page, "CPU").locator(".chart-stats");
  await expect(stats).toContainText(/p95 \d|p95 <|p95 0/, { timeout: 40_000 });

  await test.step("keys read the steps of all charts at once", async () => {
    await expect(slider(page, "CPU")).toHaveAttribute("aria-valuetext", /CPU .+%/);
    await slider(page, "CPU").focus();
    const last = Number(await slider(page, "CPU").getAttribute("aria-valuemax"));
    expect(last).toBeGreaterThan(2);
    await page.keyboard.press("Home");
    await expect(slider(page, "CPU")).toHaveAttribute("aria-valuenow", "0");
    await expect(slider(page, "CPU")).toHaveAttribute("aria-valuetext", /CPU no data/);
    await expect(slider(page, "Network")).toHaveAttribute("aria-valuenow", "0");
    await page.keyboard.press("ArrowRight");
    await expect(slider(page, "RAM")).toHaveAttribute("aria-valuenow", "1");
    await page.keyboard.press("End");
    await expect(slider(page, "CPU")).toHaveAttribute("aria-valuenow", String(last));
    await page.keyboard.press("PageDown");
    await expect(slider(page, "CPU")).toHaveAttribute("aria-valuenow", String(Math.max(0, last - 10)));
    await expect(page.locator(".chart-cross").first()).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.locator(".chart-cross")).toHaveCount(0);
    await expect(chart(page, "CPU").getByRole("img", { name: /^CPU from .+lowest .+ last / })).toBeVisible();
    await expectAccessible(page, "charts");
  });

  await node.kill();
  const killed = Date.now();

  await test.step("the table is what is shown, and the file is the table", async () => {
    // Shown as it is now: nothing is asked again while somebody reads.
    await slider(page, "Conversations").hover();
    const card = chart(page, "Conversations");
    await card.getByRole("button", { name: "View as table" }).focus();
    await page.keyboard.press("Enter");
    const table = card.getByRole("table");
    await expect(table).toBeVisible();
    const under = page.waitForEvent("download");
    await card.getByRole("button", { name: "Download CSV" }).focus();
    const shown = await cells(table);
    await page.keyboard.press("Enter");
    const text = await readFile(await (await under).path(), "utf8");
    const [head, ...lines] = text.trimEnd().split("\r\n");
    expect(head).toBe("from,to,phone_min,phone_avg,phone_max,web_min,web_avg,web_max");
    const file = lines.map((line) => line.split(",")).map(([from, , ...values]) => [from, ...values]);
    expect(file.reverse()).toEqual(shown);
    expect(shown.some((row) => row.slice(1).every((cell) => cell === ""))).toBe(true);
    expect(shown.some((row) => row.slice(1).every((cell) => cell !== ""))).toBe(true);
    await expectAccessible(page, "a chart as a table");
    await card.getByRole("button", { name: "View as table" }).click();
    await expect(table).toHaveCount(0);
  });

  await test.step("data ends where it ends: hatched, with the time, and the last value says when it was", async () => {
    await page.mouse.move(0, 0);
    const gap = chart(page, "CPU").locator(".chart-gap").last();
    await expect(gap).toHaveText(/^no data since \d\d:\d\d:\d\d$/, { timeout: 70_000 });
    expect(Date.now() - killed).toBeGreaterThan(10_000);
    // It was not there before its first heartbeat either.
    await expect(chart(page, "CPU").locator(".chart-gap")).toHaveCount(2);
    await expect(chart(page, "CPU").getByRole("img")).toHaveAttribute("aria-label", /last .+ at /);
  });

  await test.step("a time is marked with the keys, shown, linked, and given up", async () => {
    await page.goto(`/nodes/${made.node.id}/metrics?range=15m`);
    await expect(slider(page, "CPU")).toHaveAttribute("aria-valuetext", /CPU .+%/);
    await expect(page.getByRole("button", { name: "15 min" })).toHaveAttribute("aria-pressed", "true");
    await slider(page, "CPU").focus();
    await page.keyboard.press("End");
    for (let i = 0; i < 20; i += 1) await page.keyboard.press("Shift+ArrowLeft");
    await expect(slider(page, "CPU")).toHaveAttribute("aria-valuetext", /Marked: .+Enter shows this time/);
    await expect(page.locator(".chart-brush").first()).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/range=15m/);
    await expect(page).toHaveURL(/from=.+&to=|to=.+&from=/);
    await expect(page.locator(".chosen-time")).toBeVisible();
    await expect(page.getByRole("button", { name: "15 min" })).toHaveAttribute("aria-pressed", "false");
    await page.getByRole("button", { name: "Back to the range" }).click();
    await expect(page).not.toHaveURL(/from=/);
    await page.goBack();
    await expect(page.locator(".chosen-time")).toBeVisible();
    await page.getByRole("button", { name: "1 h" }).click();
    await expect(page).not.toHaveURL(/from=|range=/);
  });

  await test.step("a time is marked by dragging", async () => {
    // The hour that was chosen is drawn, not only in the address: a place on the chart is a time of it.
    const minutes = async (): Promise<number> => {
      const labels = await chart(page, "CPU").getByRole("img").evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")));
      const times = [...(labels[0] ?? "").matchAll(/(\d\d):(\d\d):\d\d/g)].map(([, h, m]) => Number(h) * 60 + Number(m));
      const [from = 0, to = 0] = times;
      return (to - from + 1_440) % 1_440;
    };
    await expect.poll(minutes, { message: "an hour is drawn" }).toBeGreaterThan(55);
    const box = await slider(page, "CPU").boundingBox();
    if (!box) throw new Error("no chart");
    await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, box.y + 40, { steps: 4 });
    await expect(page.locator(".chart-brush")).not.toHaveCount(0);
    await page.mouse.up();
    await expect(page).toHaveURL(/from=/);
    const at = new URL(page.url()).searchParams;
    const ms = Date.parse(at.get("to") ?? "") - Date.parse(at.get("from") ?? "");
    expect(ms / 60_000).toBeGreaterThan(10);
    expect(ms / 60_000).toBeLessThan(14);
  });
});
