// Pictures of every page, light and dark, wide and narrow:  node tests/browser/screenshots.mjs FOLDER [PAGE…]
// Those of the documentation, small, without names that want to do harm:  … --docs ../docs/images
import { mkdirSync } from 'node:fs';
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
  plan: [of('/plan'), async (page) => { const make = page.getByRole('button', { name: 'Make a plan' }); await make.click(); await page.getByText('Nothing was written').waitFor(); }],
  file: [of('/file')],
  record: [of('/record?key=CKopK87bEDN5eR7c')],
  running: ['#/i/eu-customers', async (page) => { await page.getByRole('button', { name: 'Run Sync all' }).click(); await page.getByTestId('progress').waitFor(); await page.waitForTimeout(1200); }],
  new: ['#/i/beta-site'],
  paused: ['#/i/acme-newsletter'],
  connectors: ['#/connectors'],
  wizard: ['#/new', async (page) => { await page.getByRole('radio', { name: /^Chargebee/ }).check(); await page.getByLabel('api_key').fill('x'); await page.getByRole('button', { name: 'Try the connection' }).click(); await page.getByText('Connected').waitFor(); }],
  move: ['#/new', async (page) => {
    await page.getByRole('radio', { name: /^Chargebee/ }).check(); await page.getByLabel('api_key').fill('x'); await page.getByRole('button', { name: 'Try the connection' }).click(); await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('radio', { name: /^ActiveCampaign/ }).check(); await page.getByLabel('url').fill('https://acme.example'); await page.getByLabel('api_key').fill('${AC_KEY}'); await page.getByRole('button', { name: 'Try the connection' }).click(); await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('heading', { name: 'What is moved' }).waitFor();
  }],
};

const mock = await mockWith({ runMs: 8000 });
const { browser, close } = await startBrowser();
const DOCS = [['overview', 'light', 1100, 560], ['setup', 'dark', 1100, 720], ['errors', 'light', 1100, 640], ['running', 'dark', 390, 760]];
if (docs) {
  mock.problems.length = 0;
  mock.items.get('people-export').destination.title = 'people-copy.ndjson';
  const customers = mock.items.get('acme-customers');
  customers.errors = customers.errors.filter((row) => !/<script|long|x{50}|\u202e|emoji/.test(row.key + row.message));
  for (const [name, colorScheme, width, height] of DOCS) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height } });
    const page = await context.newPage();
    await signIn(page, mock.url);
    const [hash, act] = PAGES[name];
    await openPage(page, mock.url, hash);
    await act?.(page);
    if (width < 600) await page.getByTestId('progress').evaluate((element) => element.scrollIntoView({ block: 'center' }));
    await page.screenshot({ path: `${folder}/dashboard-${name}.png` });
    await context.close();
  }
}
for (const colorScheme of docs ? [] : ['light', 'dark']) {
  for (const [size, width, height] of [['wide', 1280, 800], ['narrow', 390, 844]]) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height }, deviceScaleFactor: 1 });
    const page = await context.newPage();
    page.on('pageerror', (error) => console.error(error));
    page.on('console', (message) => message.type() === 'error' && console.error(message.text()));
    if (only.length === 0 || only.includes('signin')) {
      await page.goto(mock.url);
      await page.getByLabel('Token').waitFor();
      await page.screenshot({ path: `${folder}/signin-${colorScheme}-${size}.png` });
    }
    await signIn(page, mock.url);
    for (const [name, [hash, act]] of Object.entries(PAGES)) {
      if (only.length > 0 && !only.includes(name)) continue;
      if (name === 'running') Object.assign(mock.items.get('eu-customers'), { state: 'sampled' });
      await page.goto(`${mock.url}#/connectors`);
      await openPage(page, mock.url, hash);
      await act?.(page);
      if (name === 'running') {
        await page.screenshot({ path: `${folder}/${name}-${colorScheme}-${size}.png`, fullPage: true });
        mock.items.get('eu-customers').stopping = true;
        await page.getByTestId('progress').waitFor({ state: 'detached' });
      } else {
        await page.waitForTimeout(150);
        await page.screenshot({ path: `${folder}/${name}-${colorScheme}-${size}.png`, fullPage: !['detail', 'ignore'].includes(name) });
      }
    }
    await context.close();
  }
}
await close();
await mock.close();
