// The browser tests: two lanes beside each other, each one worker with servers of its own, no retries.
// `cargo xtask test e2e` starts them with the paths they need.
import { defineConfig } from "@playwright/test";
import { needed } from "./support/environment.ts";

/** Specs that look at pages more than at clocks: about half of the time. */
const PAGES = ["access", "edit", "help", "journeys", "keyboard", "language", "navigation", "palette", "parts", "people"]
  .concat(["routes", "secret-once", "session", "sign-in", "tokens", "webhooks"])
  .map((name) => `**/${name}.spec.ts`);

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  // A story waits for real deadlines of the server; each single wait has its own, shorter bound.
  timeout: 90_000,
  expect: { timeout: 10_000 },
  retries: 0,
  workers: 2,
  fullyParallel: false,
  // Two cores carry two browsers; more of them would make the deadlines of the stories a matter of luck.
  projects: [
    { name: "pages", testMatch: PAGES, workers: 1 },
    { name: "stories", testIgnore: PAGES, workers: 1 },
  ],
  forbidOnly: true,
  reporter: [["list"]],
  use: {
    locale: "en-US",
    timezoneId: "UTC",
    viewport: { width: 1280, height: 900 },
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: needed("IQRA_CHROMIUM"),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
