// A browser against the mock service, or against a running one.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { chromium } from 'playwright-core';
import { startMock } from '../../mock/server.mjs';

export const executable = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
export const dist = process.env.SLUICE_WEB_DIST ?? fileURLToPath(new URL('../../dist', import.meta.url));

// How long a test waits for what has to come: as long as a machine with other things to do may take.
const PATIENCE = 120_000;

export async function startBrowser() {
  const home = mkdtempSync(join(tmpdir(), 'sluice-browser-'));
  const context = await chromium.launchPersistentContext(home, {
    executablePath: executable,
    headless: true,
    args: ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
  const browser = context.browser();
  return {
    context,
    browser,
    close: async () => {
      await context.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

// A page of its own. `faults` collects what goes wrong in it; `excused` tells which lines of the console are no faults.
export async function newPage(browser, options = {}, excused = /^Failed to load resource/) {
  const context = await browser.newContext({ acceptDownloads: true, reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  // The browser's own line about an answer of 4xx is no fault of the page.
  page.on('console', (message) => message.type() === 'error' && !excused.test(message.text()) && faults.push(message.text()));
  return { context, page, faults };
}

export const mockWith = (options = {}) => startMock({ dist, ...options });

// Goes to a page of a dashboard that is signed in, and waits until it stands there with its data: a change of the hash alone
// loads nothing, so the page before it would still be seen.
export async function openPage(page, url, hash) {
  await page.goto(`${url}${hash}`);
  await page.locator(`main[data-shows=${JSON.stringify(hash)}]`).waitFor();
  await page.locator('.loading').waitFor({ state: 'detached' });
}

// Waits until exactly so many are there.
export async function hasCount(locator, count) {
  if (count > 0) await locator.nth(count - 1).waitFor({ state: 'attached' });
  await locator.nth(count).waitFor({ state: 'detached' });
}

// Waits until what `read` gives is `expected`; fails with what it was instead. For all that has no locator to wait for.
export async function becomes(read, expected) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const found = await read();
    if (isDeepStrictEqual(found, expected)) return;
    if (Date.now() > end) assert.deepEqual(found, expected);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// The element that has the focus, as the page names it.
export const focused = (page) => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');

export async function signIn(page, url, token = 'operator-token') {
  await page.goto(url);
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}
