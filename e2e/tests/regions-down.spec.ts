// Whole regions fall silent: one incident for each, the others go on; where all do, one incident stands for them.
import { type Process, eventually, freePort } from "../support/processes.ts";
import { TIMERS } from "../support/server.ts";
import { expect, expectAccessible, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "regions-down" });

interface Placed {
  id: string;
  region: string;
  settings: string;
  process?: Process;
}

test("two of three regions fall silent, come back, and then all three do", async ({ page, server, api }) => {
  const nodes: Placed[] = [];
  const regions: string[] = [];
  for (const [country, name] of [["OM", "down-1"], ["DE", "down-2"], ["US", "stays"]] as const) {
    const region = await api.createRegion(country, name);
    regions.push(region);
    for (const kind of ["proxy", "backend"]) {
      const { node, snippet } = await api.createNode(region, kind, `127.0.0.1:${await freePort()}`);
      nodes.push({ id: node.id, region, settings: snippet });
    }
  }
  const start = async (all: Placed[]) => {
    for (const node of all) node.process = await server.startNode(node.settings);
  };
  const all = (liveness: string, of: Placed[], bound: number) =>
    eventually(`${of.length} nodes are ${liveness}`, bound, async () => {
      const now = await Promise.all(of.map(({ id }) => api.node(id)));
      return now.every((node) => node.liveness === liveness) ? now : undefined;
    });
  await start(nodes);
  await all("live", nodes, 20_000);
  await signedIn(page, server);
  await page.goto("/dashboard");
  await expect(pill(page)).toHaveText("Live");
  const attention = page.getByRole("region", { name: "Needs attention" });
  // What is over is still shown for a minute, and says so.
  const open = (text: string | RegExp) =>
    attention.getByRole("listitem").filter({ hasText: text }).filter({ hasNotText: "Over" });
  const figures = page.getByRole("region", { name: "Key figures" });
  const backends = (active: number) =>
    expect(figures).toContainText(new RegExp(`^Backend nodes · active / total\\s+${active} / 3$`, "m"), {
      useInnerText: true,
    });
  await backends(3);

  const down = nodes.filter(({ region }) => region !== regions[2]);
  const stays = nodes.filter(({ region }) => region === regions[2]);
  await test.step("two regions: an incident each, on time, and the third is not concerned", async () => {
    await Promise.all(down.map(({ process }) => process?.kill()));
    const offline = await all("offline", down, TIMERS.offline + 3_000);
    // The last heartbeats count: silence begins with them.
    const heard = Math.max(...offline.map(({ lastHeartbeatAt }) => Date.parse(lastHeartbeatAt ?? "")));
    expect(Date.now() - heard, "not before its time").toBeGreaterThan(TIMERS.offline - 100);
    for (const region of regions.slice(0, 2)) {
      await expect(open(`2 nodes fell silent together in ${region}.`)).toHaveCount(1);
    }
    await expect(open("fell silent")).toHaveCount(2);
    await backends(1);
    for (const { id, process } of stays) {
      process?.check();
      expect((await api.node(id)).liveness).toBe("live");
    }
    await expectAccessible(page, "two incidents");
  });

  await test.step("they come back, and both are over", async () => {
    await start(down);
    await all("live", nodes, 20_000);
    await expect(open("fell silent")).toHaveCount(0, { timeout: TIMERS.offline + 10_000 });
    await backends(3);
  });

  await test.step("all three: one incident stands for them", async () => {
    await Promise.all(nodes.map(({ process }) => process?.kill()));
    await expect(open("All regions fell silent: 6 nodes at once.")).toHaveCount(1);
    await all("offline", nodes, TIMERS.offline + 3_000);
    await expect(open("fell silent")).toHaveCount(1);
    await backends(0);
    // The server is well and says so: it judges its nodes, and does not doubt itself.
    await expect(pill(page)).toHaveText("Live");
    await expectAccessible(page, "all regions silent");
  });
});
