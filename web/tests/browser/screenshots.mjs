// Pictures of every page, light and dark, wide and narrow:  node tests/browser/screenshots.mjs FOLDER [PAGE…]
// Those of the documentation, one screen of each, small:  … --docs ../docs/images
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hostile } from '../../mock/data.mjs';
import { mockWith, openPage, signIn, startBrowser } from './browser.mjs';

const docs = process.argv.includes('--docs');
const [folder = 'screenshots', ...only] = process.argv.slice(2).filter((each) => each !== '--docs');
mkdirSync(folder, { recursive: true });
const of = (rest) => `#/i/acme-customers${rest}`;
const PAGES = {
  overview: ['#/'],
  setup: [of('')],
  errors: [of('/errors')],
  detail: [of('/errors'), async (page) => { await page.getByRole('table').locator('th button').first().click(); await page.getByRole('dialog').getByRole('table').waitFor(); }],
  ignore: [of('/errors'), async (page) => { await page.getByRole('button', { name: /^Ignore 64/ }).click(); }],
  history: [of('/history')],
  mapping: [of('/mapping'), async (page) => { await page.getByRole('button', { name: 'Show values' }).click(); await page.getByText('Values of').waitFor(); }],
  plan: [of('/plan'), async (page) => { const done = page.getByText('Nothing was written'); if (!(await done.isVisible())) await page.getByRole('button', { name: 'Make a plan' }).click(); await done.waitFor(); }],
  file: [of('/file')],
  record: [of('/record?key=CKopK87bEDN5eR7c')],
  running: ['#/i/eu-customers', async (page) => { await page.getByRole('button', { name: 'Run Sync all' }).click(); await page.getByTestId('progress').waitFor(); await page.waitForTimeout(1200); }],
  new: ['#/i/beta-site'],
  change: [of('/file'), async (page) => { await page.getByRole('button', { name: 'Change' }).click(); const text = page.getByLabel('Changed file'); await text.fill((await text.inputValue()).replace('every: 6h', 'every: 1h')); await page.getByRole('button', { name: 'Check, and show' }).click(); await page.getByRole('region', { name: 'Changes' }).scrollIntoViewIfNeeded(); }],
  paused: ['#/i/acme-newsletter'],
  connectors: ['#/connectors'],
  wizard: ['#/new', async (page) => { await page.getByRole('radio', { name: /^Chargebee/ }).check(); await page.getByLabel('api_key').fill('x'); await page.getByRole('button', { name: 'Try the connection' }).click(); await page.getByText('Connected').waitFor(); }],
  move: ['#/new', async (page) => {
    await page.getByRole('radio', { name: /^Chargebee/ }).check(); await page.getByLabel('api_key').fill('x'); await page.getByRole('button', { name: 'Try the connection' }).click(); await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('radio', { name: /^ActiveCampaign/ }).check(); await page.getByLabel('url').fill('https://acme.example'); await page.getByLabel('api_key').fill('${AC_KEY}'); await page.getByRole('button', { name: 'Try the connection' }).click(); await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('heading', { name: 'What is moved' }).waitFor();
  }],
  written: ['#/new', async (page) => {
    await PAGES.move[1](page);
    await page.getByLabel('list', { exact: true }).fill('Customers'); await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('textbox', { name: /^Name/ }).fill('acme-new'); await page.getByRole('button', { name: 'Show the file' }).click();
    await page.getByRole('region', { name: 'The new file' }).waitFor();
  }],
};

const mock = await mockWith({ runMs: 8000, tame: docs });
const { browser, close } = await startBrowser();
if (docs) {
  // What a person may have in reality, without names that want to do harm.
  mock.problems.length = 0;
  mock.items.get('people-export').destination.title = 'people-copy.ndjson';
  for (const each of mock.items.values()) for (const decision of each.decisions) decision.detail = decision.detail.replace(hostile.emoji, '').trim();
  const customers = mock.items.get('acme-customers');
  customers.errors = customers.errors.filter((row) => !/<script|long|x{50}|\u202e|emoji/.test(row.key + row.message));
}
const prefix = docs ? 'dashboard-' : '';
for (const colorScheme of ['light', 'dark']) {
  for (const [size, width, height] of docs ? [['wide', 1100, 720], ['narrow', 390, 720]] : [['wide', 1280, 800], ['narrow', 390, 844]]) {
    const context = await browser.newContext({ colorScheme, reducedMotion: 'reduce', viewport: { width, height }, deviceScaleFactor: 1 });
    const page = await context.newPage();
    page.on('pageerror', (error) => console.error(error));
    page.on('console', (message) => message.type() === 'error' && console.error(message.text()));
    const take = (name, whole) => page.screenshot({ path: `${folder}/${prefix}${name}-${colorScheme}-${size}.png`, fullPage: whole && !docs });
    if (only.length === 0 || only.includes('signin')) {
      await page.goto(mock.url);
      await page.getByLabel('Token').waitFor();
      await take('signin', false);
    }
    await signIn(page, mock.url);
    for (const [name, [hash, act]] of Object.entries(PAGES)) {
      if (only.length > 0 && !only.includes(name)) continue;
      if (name === 'running') Object.assign(mock.items.get('eu-customers'), { state: 'sampled' });
      await page.goto(`${mock.url}#/connectors`);
      await openPage(page, mock.url, hash);
      await act?.(page);
      const dialog = ['detail', 'ignore'].includes(name);
      if (name === 'running') {
        if (docs) await page.getByTestId('progress').evaluate((element) => element.scrollIntoView({ block: 'center' }));
        await take(name, true);
        mock.items.get('eu-customers').stopping = true;
        await page.getByTestId('progress').waitFor({ state: 'detached' });
      } else {
        await page.waitForTimeout(150);
        await take(name, !dialog);
      }
    }
    await context.close();
  }
}
await close();
await mock.close();
// Fewer colours, a third of the size; left as they are where the program is missing.
if (docs) spawnSync('pngquant', ['--force', '--ext', '.png', '--skip-if-larger', '--strip', '48', ...readdirSync(folder).filter((file) => file.startsWith(prefix)).map((file) => join(folder, file))], { stdio: 'inherit' });
