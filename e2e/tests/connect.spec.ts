// Connecting a server: whether its endpoint is free, its settings in every form, and a file that is checked in the page.
import { freePort } from "../support/processes.ts";
import { expect, expectAccessible, heading, signedIn, test } from "../support/test.ts";

test("an endpoint is free or not, the settings come in four forms, and a pasted file is judged here", async ({
  page,
  server,
  api,
}) => {
  const region = await api.createRegion("OM", `connect-${await freePort()}`);
  const taken = `127.0.0.1:${await freePort()}`;
  await api.createNode(region, "backend", taken, { displayName: "There already" });
  const free = `127.0.0.1:${await freePort()}`;
  await signedIn(page, server);
  await page.goto(`/regions/${region}/nodes/new?kind=proxy`);
  await expect(heading(page, "Add proxy")).toBeVisible();
  const endpoint = page.getByRole("textbox", { name: "Endpoint" });
  await endpoint.fill(taken);
  await expect(page.getByRole("link", { name: "There already" })).toBeVisible();
  await endpoint.fill(free);
  await expect(page.getByText("Endpoint is free")).toBeVisible();
  await page.getByRole("button", { name: "Register node" }).click();
  await expect(heading(page, "Connect the server")).toBeVisible();

  const forms = page.getByRole("group", { name: "Form of the settings" });
  const shown = async (form: string, file: string): Promise<string> => {
    await forms.getByRole("button", { name: form }).click();
    await expect(page.getByRole("button", { name: `Download ${file}` })).toBeVisible();
    const text = page.getByRole("region", { name: file });
    await expect(text).toBeVisible();
    return await text.innerText();
  };
  expect(await shown("Environment", "iqra-node.env")).toContain(`Proxy__RegionId=${region}`);
  expect(await shown("docker-compose", "docker-compose.yml")).toContain(`Proxy__RegionId: "${region}"`);
  expect(await shown("systemd", "iqra-node.service")).toContain("iqra-node run --appsettings /etc/iqra/appsettings.json");
  const file = JSON.parse(await shown("File", "appsettings.json")) as {
    Proxy: { Id: string; RegionId: string; ApiKey: string };
    Infrastructure: { Url: string };
  };
  expect(file.Proxy.ApiKey, "the secret is hidden").toContain("•");

  await page.getByText("Check my file").click();
  const box = page.getByRole("textbox", { name: "Contents of appsettings.json" });
  const verdict = page.getByRole("status").filter({ has: page.getByRole("listitem") });
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.postData() ?? ""));
  const wrong = { ...file, Proxy: { ...file.Proxy, RegionId: "US-EAST-1", ApiKey: "not-the-secret" } };
  await box.fill(JSON.stringify(wrong));
  await expect(verdict).toContainText("2 settings differ.");
  const row = (name: string) => verdict.getByRole("listitem").filter({ hasText: name });
  await expect(row("Region ID")).toContainText(`US-EAST-1 · should be ${region}`);
  await expect(row("Fingerprint of the secret")).toContainText("Differs");
  await expect(row("Node ID")).toContainText("As registered");
  await expectAccessible(page);
  await box.fill("{ // a comment");
  await expect(page.getByText("This is not JSON.")).toBeVisible();
  expect(asked.filter((body) => body.includes("not-the-secret"))).toEqual([]);
});
