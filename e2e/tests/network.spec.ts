// The line to the server in trouble: bytes that do not come, pages that stood still, machines that slept, networks that
// went away. Old figures are never called live, and everything comes back by itself.
import { Freeze } from "../support/freeze.ts";
import { clock, painted, paintedAt, said, watchPaint } from "../support/painted.ts";
import { eventually, freePort } from "../support/processes.ts";
import { SlowLine } from "../support/slow-line.ts";
import { expect, heading, pill, signedIn, test } from "../support/test.ts";
import { mark, marked } from "../support/watch.ts";

test("a stream that is blocked without being closed: delayed, disconnected, and back", async ({ page, server, guard }) => {
  const line = await SlowLine.open(server);
  try {
    guard.allow(line.url);
    await signedIn(page, server);
    await page.goto(`${line.url}/regions/new`);
    await expect(pill(page)).toHaveText("Live");
    await mark(page);
    await watchPaint(page);
    const name = page.getByRole("textbox", { name: "Region name" });
    await page.getByRole("combobox", { name: "Country" }).fill("Iceland");
    const typed = `kept-${await freePort()}`;
    await name.fill(typed);
    const create = page.getByRole("button", { name: "Create region" });

    const held = await clock(page);
    line.hold();
    await expect(pill(page)).toHaveText(/^Delayed \d+ s$/);
    // The last byte came when the line was held, or up to 2 s before.
    expect((await paintedAt(page, /^Delayed/, held)) - held).toBeLessThan(6_500);
    const counted = async () => Number(/\d+/.exec((await pill(page).textContent()) ?? "")?.[0]);
    const first = await counted();
    await expect.poll(counted).toBeGreaterThan(first);
    await expect(create).toBeEnabled();

    await expect(pill(page)).toHaveText("Disconnected", { timeout: 40_000 });
    const after = (await paintedAt(page, /^Disconnected/, held)) - held;
    expect(after, "30 s after the last byte").toBeGreaterThan(27_000);
    expect(after).toBeLessThan(33_000);
    await expect(page.getByText(/^Disconnected since \d\d:\d\d:\d\d\.$/)).toBeVisible();
    await expect(create).toBeDisabled();
    await expect(create).toHaveAccessibleDescription(/The console is disconnected; you would act on data from/);

    line.release();
    await expect(pill(page)).toHaveText("Live", { timeout: 20_000 });
    await expect(page.getByText(/^Disconnected since/)).toBeHidden();
    await expect(create).toBeEnabled();
    await expect(name).toHaveValue(typed);
    expect(await marked(page), "the page was not loaded again").toBeDefined();
    const words = await said(page);
    expect(words.filter((text) => text.startsWith("Live again"))).toHaveLength(1);
    expect(words.filter((text) => text.startsWith("Disconnected"))).toHaveLength(1);
    await create.click();
    await expect(heading(page, `IS-${typed.toUpperCase()}`)).toBeVisible();
  } finally {
    await page.close();
    await line.close();
  }
});

test("a dialog that stands open is off while the page is disconnected, and keeps what is typed", async ({
  page,
  server,
  api,
  guard,
}) => {
  const region = await api.createRegion("IT", `open-${await freePort()}`);
  const { node } = await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`);
  const line = await SlowLine.open(server);
  try {
    guard.allow(line.url);
    await signedIn(page, server);
    await page.goto(`${line.url}/nodes/${node.id}`);
    await expect(pill(page)).toHaveText("Live");
    await page.getByRole("group", { name: "Actions" }).getByRole("button", { name: "Maintenance…" }).click();
    const dialog = page.getByRole("dialog", { name: /^Turn on maintenance/ });
    const reason = dialog.getByRole("textbox", { name: "Reason" });
    await reason.fill("New disks");
    const submit = dialog.locator("button[type=submit]");
    await expect(submit).toBeEnabled();
    let written = 0;
    page.on("request", (request) => (written += request.method() === "PUT" && request.url().endsWith("/intent") ? 1 : 0));

    line.hold();
    await expect(submit).toBeDisabled({ timeout: 45_000 });
    await expect(submit).toHaveAccessibleDescription(/The console is disconnected; you would act on data from/);
    await expect(reason).toHaveValue("New disks");
    await submit.click({ force: true });
    await reason.press("Enter");
    await expect(dialog).toBeVisible();

    line.release();
    await expect(submit).toBeEnabled({ timeout: 20_000 });
    await expect(reason).toHaveValue("New disks");
    expect(written, "nothing was sent while it was off").toBe(0);
    await submit.click();
    await expect(dialog).toBeHidden();
    expect((await api.get<{ intent: { state: string } }>(`/api/v1/nodes/${node.id}`)).intent.state).toBe("maintenance");
  } finally {
    await page.close();
    await line.close();
  }
});

test("a page that was frozen never shows old figures as live", async ({ page, server, api }) => {
  const region = await api.createRegion("IE", `frozen-${await freePort()}`);
  const made = await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`);
  const node = await server.startNode(made.snippet);
  try {
    await signedIn(page, server);
    await page.goto(`/regions/${region}/nodes`);
    await expect(page.locator("tbody tr").first()).toContainText("Online");
    await expect(pill(page)).toHaveText("Live");
    await mark(page);
    await watchPaint(page);
    const frozen = await Freeze.begin(page);
    const began = Date.now();
    await node.kill();
    await eventually("the node is gone, and the page's data is old", 15_000, async () =>
      (await api.node(made.node.id)).liveness === "offline" && Date.now() - began > 6_000 ? true : undefined,
    );
    await frozen.end();
    await expect(page.locator("tbody tr").first()).toContainText("Offline");
    await expect(pill(page)).toHaveText("Live");
    // What the page says by now is painted with its next frame.
    const last = async () => (await painted(page)).at(-1);
    await expect.poll(last).toMatchObject({ pill: "Live", row: expect.stringContaining("Offline") });
    const frames = await painted(page);
    const after = frames.slice(frames.findIndex(({ thawed }) => thawed));
    expect(after.length, "frames were seen after it went on").toBeGreaterThan(1);
    // The frame that stood on the screen all the time stands until the page's first task is over.
    const old = after.map((frame, n) =>
      frame.pill === "Live" && frame.row.includes("Online") ? (after[n + 1]?.at ?? Infinity) - frame.at : 0,
    );
    expect(Math.max(...old), "milliseconds for which an old figure was called live").toBeLessThan(100);
    expect(await marked(page)).toBeDefined();
  } finally {
    await node.kill();
  }
});

test("a machine that slept is noticed by its clocks, before any silence is", async ({ page, server, guard }) => {
  const line = await SlowLine.open(server);
  try {
    guard.allow(line.url);
    await signedIn(page, server);
    await page.goto(`${line.url}/dashboard`);
    await expect(pill(page)).toHaveText("Live");
    await mark(page);
    await watchPaint(page);
    const held = await clock(page);
    line.hold();
    // The wall clock went on for ten minutes, and the monotonic clock stood.
    await page.evaluate(() => {
      const before = Date.now;
      Date.now = () => before() + 600_000;
    });
    await expect(pill(page)).toHaveText(/^Delayed/);
    expect((await paintedAt(page, /^Delayed/, held)) - held, "sooner than 5 s of silence show").toBeLessThan(3_500);
    line.release();
    await expect(pill(page)).toHaveText("Live");
    expect(await marked(page)).toBeDefined();

    // A clock that is wrong changes no age, and the details say so.
    await pill(page).click();
    const details = page.getByRole("group", { name: "Connection" });
    await expect(details).toContainText("10 min");
    await expect(details).toContainText("Ages on this page are reckoned from the server's clock.");
    await page.keyboard.press("Escape");
  } finally {
    await page.close();
    await line.close();
  }
});

test("no network: disconnected at once, and live again without a reload", async ({ page, server, guard }) => {
  await signedIn(page, server);
  await page.goto("/dashboard");
  await expect(pill(page)).toHaveText("Live");
  await mark(page);
  await guard.expecting(/net::ERR_/, async () => {
    await page.context().setOffline(true);
    // The browser says so before anything is missed. What still comes by a line that was open is current all the same.
    await expect(pill(page)).toHaveText("Disconnected");
    await page.context().setOffline(false);
    await expect(pill(page)).toHaveText("Live");
  });
  await expect(page.getByRole("link", { name: "Add region" }).first()).toBeEnabled();
  expect(await marked(page)).toBeDefined();
});
