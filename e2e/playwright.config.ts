// The browser tests: one browser, one worker, no retries. `cargo xtask test e2e` starts them with the paths they need.
import { defineConfig } from "@playwright/test";
import { needed } from "./support/environment.ts";

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  // A story waits for real deadlines of the server; each single wait has its own, shorter bound.
  timeout: 90_000,
  expect: { timeout: 10_000 },
  retries: 0,
  workers: 1,
  fullyParallel: false,
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
