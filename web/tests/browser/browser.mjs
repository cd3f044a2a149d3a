// A browser against the mock service, or against a running one.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startMock } from '../../mock/server.mjs';

export const executable = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
export const dist = process.env.SLUICE_WEB_DIST ?? fileURLToPath(new URL('../../dist', import.meta.url));

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

export async function signIn(page, url, token = 'operator-token') {
  await page.goto(url);
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}
