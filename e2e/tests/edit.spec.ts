// Two people change the same node; labels filter the list.
import { freePort } from "../support/processes.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "edit" });

test("a conflict shows both sides and loses nothing", async ({ page, server, api, guard, browser }) => {
  const region = await api.createRegion("DE", `edit-${await freePort()}`);
  const { node } = await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`);
  const other = await browser.newContext({ baseURL: server.url });
  const theirs = await other.newPage();
  guard.watch(theirs, server.url);
  for (const one of [page, theirs]) {
    await signedIn(one, server);
    await one.goto(`/nodes/${node.id}/settings`);
    await expect(pill(one)).toHaveText("Live");
    await expect(one.getByRole("button", { name: "Save changes" })).toHaveAttribute("aria-disabled", "true");
  }
  const name = (of: typeof page) => of.getByRole("textbox", { name: "Display name" });
  const notes = (of: typeof page) => of.getByRole("textbox", { name: "Notes" });
  const save = (of: typeof page) => of.getByRole("button", { name: "Save changes" });

  await test.step("ours is typed, theirs is saved", async () => {
    await name(page).fill("ours");
    await notes(page).fill("written by us");
    await name(theirs).fill("theirs");
    await theirs.getByRole("combobox", { name: "SIP transport" }).selectOption("TLS");
    await theirs.getByRole("button", { name: "Add label" }).click();
    await expect(theirs.getByRole("textbox", { name: "Key of label 1" })).toBeFocused();
    await theirs.getByRole("textbox", { name: "Key of label 1" }).fill("rack");
    await theirs.getByRole("textbox", { name: "Value of label 1" }).fill("7");
    await save(theirs).click();
    await expect(heading(theirs, "theirs")).toBeVisible();
    await expect(save(theirs)).toHaveAttribute("aria-disabled", "true");
    // The stream brings the new name; what is typed here stays.
    await expect(heading(page, "theirs")).toBeVisible();
    await expect(name(page)).toHaveValue("ours");
    await expect(page.getByText("Somebody changed this meanwhile. What you typed is kept")).toBeVisible();
  });

  const dialog = page.getByRole("dialog", { name: "Somebody changed this meanwhile" });
  await test.step("saving shows both sides", async () => {
    await guard.expecting(/412/, async () => {
      await save(page).click();
      await expect(dialog).toBeVisible();
    });
    await expect(dialog.getByRole("row", { name: "Display name theirs ours" })).toBeVisible();
    await expect(dialog.getByRole("row", { name: "Labels rack=7 empty" })).toBeVisible();
    await expect(dialog.getByRole("row", { name: "SIP transport TLS UDP" })).toBeVisible();
    await expect(dialog).toContainText(/admin@localhost\S? changed this .+ ago\./);
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(notes(page)).toHaveValue("written by us");
  });

  await test.step("overwrite with mine", async () => {
    await guard.expecting(/412/, async () => {
      await save(page).click();
      await dialog.getByRole("button", { name: "Overwrite with mine" }).click();
      await expect(heading(page, "ours")).toBeVisible();
    });
    const stored = await api.get<Record<string, unknown>>(`/api/v1/nodes/${node.id}`);
    expect(stored).toMatchObject({ displayName: "ours", notes: "written by us", sipTransport: "udp", labels: {} });
    // Nothing is typed there, so that the form follows.
    await expect(name(theirs)).toHaveValue("ours");
    await expect(theirs.getByRole("textbox", { name: "Key of label 1" })).toBeHidden();
  });

  await test.step("take theirs", async () => {
    await notes(theirs).fill("typed in vain");
    await name(page).fill("ours again");
    await save(page).click();
    await expect(heading(theirs, "ours again")).toBeVisible();
    await guard.expecting(/412/, async () => {
      await save(theirs).click();
      await theirs.getByRole("button", { name: "Take theirs" }).click();
    });
    await expect(notes(theirs)).toHaveValue("written by us");
    await expect(name(theirs)).toHaveValue("ours again");
    await expect(save(theirs)).toHaveAttribute("aria-disabled", "true");
  });
  await other.close();
});

test("a page with changes asks before it is left", async ({ page, server, api }) => {
  const region = await api.createRegion("DE", `leave-${await freePort()}`);
  await signedIn(page, server);
  await page.goto(`/regions/${region}/settings`);
  await page.getByRole("textbox", { name: "Display name" }).fill("Frankfurt");
  const asked: string[] = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.message());
    void dialog.dismiss();
  });
  await page.getByRole("link", { name: "Overview" }).click();
  await expect.poll(() => asked).toEqual(["Your changes are not saved. Leave this page?"]);
  await expect(page.getByRole("textbox", { name: "Display name" })).toHaveValue("Frankfurt");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Frankfurt · Germany")).toBeVisible();
  await page.getByRole("link", { name: "Overview" }).click();
  await expect(page.getByRole("link", { name: "Overview" })).toHaveAttribute("aria-current", "page");
  expect(asked).toHaveLength(1);
});

test("labels filter the list of nodes", async ({ page, server, api }) => {
  const region = await api.createRegion("FR", `labels-${await freePort()}`);
  const add = async (displayName: string, labels: object) =>
    await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`, { displayName, labels });
  await add("left", { rack: "7", site: "a" });
  await add("right", { rack: "8" });
  await signedIn(page, server);
  await page.goto("/nodes");
  await expect(page.getByRole("row", { name: /left/ })).toBeVisible();
  await page.getByRole("button", { name: /^Label/ }).click();
  await page.getByRole("group", { name: "Label", exact: true }).getByRole("checkbox", { name: /^rack=8/ }).check();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("row", { name: /left/ })).toBeHidden();
  await expect(page.getByRole("row", { name: /right/ })).toBeVisible();
  await expect(page).toHaveURL(/label=rack(=|%3D)8/);
  await page.reload();
  await expect(page.getByRole("row", { name: /right/ })).toBeVisible();
  await expect(page.getByRole("row", { name: /left/ })).toBeHidden();
  await page.getByRole("searchbox").fill("rack=7");
  await expect(page.getByRole("heading", { name: "No nodes match these filters" })).toBeVisible();
  await page.getByRole("button", { name: "Clear filters" }).first().click();
  await expect(page.getByRole("row", { name: /left/ })).toBeVisible();
});
