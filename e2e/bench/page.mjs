// What a person at the console gets of a large fleet: how soon the page stands, and how it runs while everything changes.
// Started by `cargo xtask bench page`; prints one JSON object. The console is at IQRA_BENCH_URL with a fleet whose nodes all
// change every second; IQRA_BENCH_CONTROL is a folder with the empty program that the console is compared with.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { chromium } from "@playwright/test";

const { IQRA_BENCH_URL: url, IQRA_BENCH_PASSWORD: password, IQRA_CHROMIUM: executablePath } = process.env;
const { IQRA_BENCH_CONTROL: control, IQRA_BENCH_BACKENDS: backends } = process.env;
const VISITS = Number(process.env.IQRA_BENCH_VISITS ?? 5);
const SECONDS = Number(process.env.IQRA_BENCH_SECONDS ?? 20);
const PATIENCE = 60_000;
const PROFILES = [["desktop", 1], ["4 × CPU throttle", 4]];
/** A line of 10 Mb/s on which a request takes 60 ms there and back. */
const SLOW_LINE = { offline: false, latency: 60, downloadThroughput: 1_250_000, uploadThroughput: 1_250_000 };

const say = (what) => console.error(`  ${what}`);
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Runs in the page before everything else: notes when it is painted, when `seen` holds, and every long task. */
function watch(seen) {
  const at = (window.bench = { painted: 0, seen: 0, long: [] });
  // The program's own memory, which the JavaScript heap does not count.
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const make = WebAssembly[name];
    WebAssembly[name] = async (...args) => {
      const made = await make.apply(WebAssembly, args);
      window.programMemory ??= (made.instance ?? made).exports.memory;
      return made;
    };
  }
  const note = (type, each) =>
    new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true });
  note("longtask", (e) => at.long.push({ at: e.startTime, ms: e.duration }));
  note("paint", (e) => {
    if (e.name === "first-contentful-paint") at.painted = e.startTime;
  });
  const holds = new Function(`return (${seen})()`);
  const look = () => {
    if (document.body && holds()) at.seen = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** The stream is live and the dashboard says how many backends there are. */
const figures = `() => document.querySelector("button.live")?.dataset.s === "live" &&
  (document.querySelector("main")?.textContent ?? "").replace(/(\\d)[,.](?=\\d{3})/g, "$1").includes("${backends}")`;
/** The stream is live and the table shows figures. */
const rows = () =>
  document.querySelector("button.live")?.dataset.s === "live" &&
  [...document.querySelectorAll("main tbody tr")].filter((row) => /\d\s?%/.test(row.textContent)).length >= 10;
const heading = () => document.querySelector("h1") !== null;

/** A fresh browser profile with nothing in its cache, at this address; `seen` has become true. */
async function visit(browser, rate, address, seen, storageState, line) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, storageState });
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  const cdp = await context.newCDPSession(page);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate });
  if (line) {
    await cdp.send("Network.enable");
    await cdp.send("Network.emulateNetworkConditions", line);
  }
  await page.addInitScript(`(${watch})(${JSON.stringify(String(seen))})`);
  await page.goto(address);
  await page.waitForFunction(() => window.bench.seen > 0, undefined, { timeout: PATIENCE }).catch(async (cause) => {
    const text = await page.evaluate(() => document.body.innerText.slice(0, 600));
    throw new Error(`${address} did not show what it should: ${errors.join("; ")} ${text}`, { cause });
  });
  return { context, page, cdp, errors };
}

/** Several visits: medians of the first paint and of the moment `seen` held, and the long tasks until then. */
async function starts(browser, rate, address, seen, storageState, line) {
  const all = [];
  for (let n = 0; n < VISITS; n++) {
    const { context, page } = await visit(browser, rate, address, seen, storageState, line);
    all.push(await page.evaluate(() => window.bench));
    await context.close();
  }
  const long = all.map((one) => one.long.filter((task) => task.at < one.seen));
  return {
    painted: median(all.map((one) => one.painted)),
    seen: median(all.map((one) => one.seen)),
    longest: median(long.map((tasks) => Math.max(0, ...tasks.map((task) => task.ms)))),
    long: median(long.map((tasks) => tasks.length)),
  };
}

/** Frames between two moments, while `work` runs. */
async function frames(page, cdp, work) {
  const before = await metrics(cdp);
  await page.evaluate(() => {
    const run = (window.run = { last: 0, gaps: [], from: performance.now(), on: true });
    const frame = (at) => {
      if (run.last) run.gaps.push(at - run.last);
      run.last = at;
      if (run.on) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  await work();
  const seen = await page.evaluate(() => {
    window.run.on = false;
    const { gaps, from } = window.run;
    return { gaps, ms: performance.now() - from, long: window.bench.long.filter((task) => task.at >= from).map((t) => t.ms) };
  });
  const after = await metrics(cdp);
  const seconds = seen.ms / 1000;
  const share = (name) => ((after[name] - before[name]) / seconds) * 100;
  return {
    perSecond: seen.gaps.length / seconds,
    worst: Math.max(0, ...seen.gaps),
    late: (seen.gaps.filter((gap) => gap > 34).length / Math.max(1, seen.gaps.length)) * 100,
    long: seen.long.length,
    longest: Math.max(0, ...seen.long),
    script: share("ScriptDuration"),
    busy: share("TaskDuration"),
  };
}

async function metrics(cdp) {
  await cdp.send("Performance.enable");
  const { metrics } = await cdp.send("Performance.getMetrics");
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

/** The page of nodes while all of them change every second. */
async function table(browser, rate, storageState) {
  const { context, page, cdp, errors } = await visit(browser, rate, `${url}/nodes`, rows, storageState);
  const seen = await page.evaluate(() => window.bench.seen);
  const text = () => page.evaluate(() => [...document.querySelectorAll("main tbody tr")].map((row) => row.textContent));
  // The other parts of the program arrive meanwhile.
  await pause(5_000);
  const before = await text();
  const still = await frames(page, cdp, () => pause(SECONDS * 1000));
  const after = await text();
  const changed = after.filter((row, n) => row !== before[n]).length;
  if (changed < before.length / 4) throw new Error(`of ${before.length} rows only ${changed} changed in ${SECONDS} s`);
  await page.mouse.move(720, 600);
  const scrolled = await frames(page, cdp, async () => {
    for (let n = 0; n < 50; n++) {
      await page.mouse.wheel(0, n < 40 ? 700 : -900);
      await pause(100);
    }
  });
  // What is kept is the same at any speed.
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  await cdp.send("HeapProfiler.collectGarbage");
  const { JSHeapUsedSize: heap, Nodes: elements } = await metrics(cdp);
  const wasm = await page.evaluate(() => window.programMemory?.buffer.byteLength ?? 0);
  const shown = await page.evaluate(() => document.querySelectorAll("main tbody tr").length);
  if (errors.length > 0) throw new Error(errors.join("; "));
  await context.close();
  return { seen, still, scrolled, heap, wasm, elements, shown };
}

/** Serves the empty program as the server serves the console: packed, and kept for good. */
async function serveControl() {
  const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".wasm": "application/wasm" };
  const server = createServer(async (request, response) => {
    const path = join(control, normalize(request.url === "/" ? "/index.html" : request.url));
    const packed = await readFile(`${path}.br`).catch(() => undefined);
    const body = packed ?? (await readFile(path).catch(() => undefined));
    if (body === undefined) return void response.writeHead(404).end();
    const coding = packed ? { "content-encoding": "br" } : {};
    response.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream", ...coding }).end(body);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { server, address: `http://127.0.0.1:${server.address().port}/` };
}

const empty = await serveControl();
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const signIn = await browser.newContext();
  const data = { email: "admin@localhost", password };
  const reply = await signIn.request.post(`${url}/api/v1/auth/login`, { data, headers: { origin: url } });
  if (!reply.ok()) throw new Error(`signing in: ${reply.status()} ${await reply.text()}`);
  const state = await signIn.storageState();
  const profiles = [];
  for (const [name, rate] of PROFILES) {
    say(`${name}: ${VISITS} starts of the empty program and of the console`);
    const bare = await starts(browser, rate, empty.address, heading, undefined);
    const console_ = await starts(browser, rate, `${url}/dashboard`, figures, state);
    say(`${name}: the nodes for ${SECONDS} s, and scrolled`);
    const nodes = await table(browser, rate, state);
    profiles.push({ name, empty: bare, console: console_, nodes });
  }
  say(`a line of 10 Mb/s and 60 ms: ${VISITS} starts of the console`);
  const line = await starts(browser, 1, `${url}/dashboard`, figures, state, SLOW_LINE);
  console.log(JSON.stringify({ browser: browser.version(), seconds: SECONDS, visits: VISITS, profiles, line }));
} finally {
  await browser.close();
  empty.server.close();
}
