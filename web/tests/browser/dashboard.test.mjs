// The dashboard in a real browser, against the mock service, under the content policy that the service sends.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { hostile } from '../../mock/data.mjs';
import { becomes, focused, hasCount, mockWith, newPage, openPage, signIn, startBrowser } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let browser;
let mock;
let context;
let page;
let faults;

before(async () => { browser = await startBrowser(); });
after(() => browser?.close());
beforeEach(async () => {
  mock = await mockWith({ runMs: 1200 });
  ({ context, page, faults } = await newPage(browser.browser));
});
afterEach(async () => {
  await context.close();
  await mock.close();
  assert.deepEqual(faults, []);
});

const open = (hash) => openPage(page, mock.url, hash);
const button = (name) => page.getByRole('button', { name, exact: typeof name === 'string' });
const dialog = () => page.getByRole('dialog');

describe('signing in', () => {
  test('a wrong token is refused, a right one opens the page that was asked for', async () => {
    await page.goto(`${mock.url}#/connectors`);
    await page.getByLabel('Token').fill('wrong');
    await button('Sign in').click();
    await page.getByText('this token is unknown or has expired').waitFor();
    await page.getByLabel('Token').fill('operator-token');
    await button('Sign in').click();
    await page.getByRole('heading', { name: 'Connectors' }).waitFor();
    assert.equal((await context.cookies())[0].httpOnly, true);
    assert.equal(await page.evaluate(() => document.cookie), '');
  });

  test('an expired token leads back to where one was', async () => {
    await signIn(page, mock.url);
    await open('#/i/acme-customers/history');
    mock.expire();
    await page.getByRole('link', { name: 'Mapping' }).click();
    await page.getByText('The session has ended').waitFor();
    await page.getByLabel('Token').fill('operator-token');
    await button('Sign in').click();
    await page.getByRole('heading', { name: 'Fields', exact: true }).waitFor();
  });

  test('who goes on before the page is painted gets there', async () => {
    await page.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (!document.querySelector('main[data-shows]')) return;
        observer.disconnect();
        location.hash = '#/connectors';
      }).observe(document, { childList: true, subtree: true });
    });
    await page.goto(mock.url);
    await page.getByLabel('Token').fill('operator-token');
    await button('Sign in').click();
    await page.locator('main[data-shows="#/connectors"]').waitFor();
    await page.getByRole('heading', { name: 'Connectors' }).waitFor();
  });

  test('signing out ends the session at the server', async () => {
    await signIn(page, mock.url);
    await button('Sign out').click();
    await page.getByLabel('Token').waitFor();
    await page.reload();
    await page.getByLabel('Token').waitFor();
  });

  test('a viewer sees everything and can change nothing', async () => {
    await signIn(page, mock.url, 'viewer-token');
    await hasCount(page.getByRole('link', { name: 'New integration' }), 0);
    for (const hash of ['#/i/acme-customers', '#/i/acme-customers/errors', '#/i/acme-customers/plan', '#/i/acme-customers/file', '#/i/beta-site']) {
      await open(hash);
      for (const name of [/^(Ignore|Retry|Pause|Resume|Unlink|Make a plan|Change|Check now)/, / now$/, /^Run /]) await hasCount(button(name), 0);
    }
    await open('#/new');
    await page.getByText('This needs a token that may change things').waitFor();
  });
});

test('the first set-up, from the wizard to a delivered full', async () => {
  await signIn(page, mock.url);
  await page.getByRole('link', { name: 'New integration' }).click();
  await page.getByRole('radio', { name: /^Chargebee/ }).check();
  await button('Try the connection').click();
  await page.getByText('Please correct: api_key').waitFor();
  await page.getByLabel('api_key').fill('wrong');
  await button('Try the connection').click();
  await page.getByText('refuses the API key').waitFor();
  await becomes(() => button('Go on').isDisabled(), true);
  await page.getByLabel('api_key').fill('good');
  await button('Try the connection').click();
  await page.getByText('Connected: Chargebee acme-test').waitFor();
  await button('Go on').click();
  await page.getByRole('radio', { name: /^ActiveCampaign/ }).check();
  await page.getByLabel('url').fill('https://acme.example');
  await page.getByLabel('api_key').fill('${AC_KEY}');
  await button('Try the connection').click();
  await button('Go on').click();

  const choices = () => page.getByLabel('list', { exact: true }).evaluate((input) => [...(input.list?.options ?? [])].map((each) => each.value));
  await becomes(choices, ['Customers', 'Newsletter', hostile.script, hostile.rightToLeft]);
  await page.getByLabel('list', { exact: true }).fill('Customers');
  await becomes(() => page.getByLabel('Preset').inputValue(), 'chargebee-activecampaign');
  await button('Add a field').click();
  await page.getByLabel('Source', { exact: true }).fill('.customer.cf_nick');
  await page.getByLabel('Destination', { exact: true }).fill('Nickname');
  await button('Go on').click();

  await page.getByRole('textbox', { name: /^Name/ }).fill('acme-customers');
  await button('Show the file').click();
  await page.getByText('existing files are never rewritten').waitFor();
  await hasCount(button('Write the file'), 0);
  await button('Back').click();
  await page.getByRole('textbox', { name: /^Name/ }).fill('new-one');
  await button('Show the file').click();
  const text = await page.getByRole('region', { name: 'The new file' }).textContent();
  assert.match(text, /integration: new-one/);
  assert.match(text, /\$\{file:secrets\/new-one.source.api_key\}/);
  assert.doesNotMatch(text, /good/);
  assert.match(text, /Nickname: \.customer\.cf_nick/);
  await button('Write the file').click();

  await page.getByRole('heading', { name: /^new-one/ }).waitFor();
  await hasCount(page.locator('.step.done'), 2);
  for (const [step, done] of [['Validate', 3], ['Initial sync', 4], ['Sync all', 6]]) {
    await button(`Run ${step}`).click();
    await hasCount(page.locator('.step.done'), done);
  }
  await page.locator('.page-head').getByText('Active').waitFor();
});

describe('sync errors', () => {
  beforeEach(async () => {
    await signIn(page, mock.url);
    await open('#/i/acme-customers/errors');
  });

  test('are grouped by cause; one is opened, ignored with a reason, and found again', async () => {
    await hasCount(page.locator('.causes > li'), 7);
    await page.getByRole('link', { name: /^Show records of 9 records/ }).click();
    await page.getByRole('heading', { name: '9 records of this cause' }).waitFor();
    await button('AzZ7AkQ2v0').click();
    await dialog().getByText('What the file makes of it now').waitFor();
    await dialog().getByText('giorgos.oikonomou.242@kunden.example').first().waitFor();
    await dialog().getByRole('button', { name: 'Ignore' }).click();
    await page.getByLabel('Why').fill('a test customer');
    await dialog().getByRole('button', { name: 'Ignore' }).click();
    await page.getByText('1 error ignored').waitFor();
    await page.getByRole('heading', { name: '8 records of this cause' }).waitFor();
    await page.getByRole('link', { name: /^Ignored/ }).click();
    await page.getByText('ignored by operator-1: a test customer').waitFor();
  });

  test('are retried by a run that starts at once', async () => {
    await button(/^Retry 9 records/).click();
    await dialog().getByRole('button', { name: 'Retry' }).click();
    await page.getByText('9 errors tried again').waitFor();
    await page.locator('.causes > li').nth(6).waitFor({ state: 'detached' });
    await becomes(() => mock.items.get('acme-customers').errors.length, 70);
  });

  test('are searched, paged, marked, and downloaded', async () => {
    await button('Next').click();
    await page.getByText('Page 2').waitFor();
    await page.getByLabel('Search errors').fill('PHONE');
    await page.getByRole('heading', { name: '1 record', exact: true }).waitFor();
    await page.getByLabel('Mark cust_9').check();
    await button('Ignore 1 marked').click();
    await dialog().getByRole('button', { name: 'Ignore' }).click();
    await page.getByText('No error fits “PHONE”').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download CSV' }).click();
    assert.equal((await download).suggestedFilename(), 'acme-customers-errors.csv');
  });
});

test('pause says who and why, resume goes on, unlink needs the name', async () => {
  await signIn(page, mock.url);
  await open('#/i/acme-customers');
  await button('Pause').click();
  await page.getByLabel('Why').fill('a cleaning');
  await dialog().getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Paused by operator-1').waitFor();
  await hasCount(button('Incremental sync now'), 0);
  await button('Resume').click();
  await dialog().getByRole('button', { name: 'Resume' }).click();
  await button('Incremental sync now').waitFor();
  await button('Unlink').click();
  await becomes(() => dialog().getByRole('button', { name: 'Unlink' }).isDisabled(), true);
  await page.getByLabel('Type acme-customers to confirm').fill('acme-customers');
  await dialog().getByRole('button', { name: 'Unlink' }).click();
  await page.locator('.page-head').getByText('Unlinked', { exact: true }).waitFor();
  await page.getByText(/^Unlinked by operator-1/).waitFor();
  await hasCount(button('Pause'), 0);
  await button('Run Validate').waitFor();
});

test('a run is followed, stopped, and told in the history', async () => {
  await mock.close();
  mock = await mockWith({ runMs: 60_000 });
  await signIn(page, mock.url);
  await open('#/i/eu-customers');
  await button('Run Sync all').click();
  await page.getByTestId('progress').getByText(/of about 12,040/).waitFor();
  await button('Stop').click();
  await dialog().getByRole('button', { name: 'Stop' }).click();
  await page.getByTestId('progress').waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'History' }).click();
  await page.getByRole('cell', { name: 'Interrupted' }).waitFor();
  await button('Sync all run 3').click();
  await dialog().getByText('requests POST /import/bulk_import').waitFor();
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });
  await becomes(() => focused(page), 'Sync all run 3');
});

test('what a gate refuses is said, and how to go on', async () => {
  await signIn(page, mock.url);
  await open('#/i/acme-newsletter');
  mock.items.get('acme-newsletter').state = 'active';
  await page.reload();
  await button('Incremental sync now').waitFor();
  mock.items.get('acme-newsletter').state = 'paused';
  await button('Incremental sync now').click();
  await page.getByText('is paused: resume it first').waitFor();
});

test('a plan is made, and its records told', async () => {
  await signIn(page, mock.url);
  await open('#/i/acme-customers/plan');
  await button('Make a plan').click();
  await page.getByText('Nothing was written').waitFor();
  await page.locator('summary', { hasText: 'patel0+billing@sub.domain.example.co' }).click();
  await page.getByRole('cell', { name: 'Lakshmi' }).waitFor();
});

test('a changed file becomes a diff; nothing is written', async () => {
  await signIn(page, mock.url);
  await open('#/i/acme-customers/file');
  await button('Change').click();
  await page.getByLabel('Changed file').fill('feilds: {}');
  await button('Check, and show the diff').click();
  await page.getByText('did you mean "fields"').waitFor();
  await page.getByText('+schedule: {every: 1h}').waitFor();
});

test('names of vendors and records stay text', async () => {
  await signIn(page, mock.url);
  const shown = (text) => page.locator('main').filter({ hasText: text }).waitFor();
  await shown(hostile.script.slice(0, 40));
  await open('#/i/acme-customers/errors?stage=write');
  await page.getByRole('heading', { name: '3 records' }).waitFor();
  await shown(hostile.script);
  // A right-to-left override ends where the name ends.
  await page.locator('bdi', { hasText: hostile.rightToLeft }).first().waitFor();
  await page.getByRole('table').getByRole('button', { name: hostile.script.slice(0, 30) }).click();
  await dialog().getByText(hostile.script, { exact: true }).first().waitFor();
  await dialog().getByText('show all 10,000 characters').click();
  await dialog().getByRole('link', { name: 'All about this record' }).click();
  await page.getByRole('heading', { name: 'Error' }).waitFor();
  await shown(hostile.script);
  for (const key of [hostile.rightToLeft, `emoji/${hostile.emoji}?&#%2F`]) {
    await page.getByLabel('Record', { exact: true }).fill(key);
    await button('Show').click();
    await page.getByRole('heading', { name: 'Error' }).waitFor();
  }
  await page.getByLabel('Record', { exact: true }).fill('nobody');
  await button('Show').click();
  await page.getByText('no record with the key "nobody"').waitFor();
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  assert.equal(await page.evaluate(() => document.querySelectorAll('main script, main img[onerror]').length), 0);
});

test('the policy holds: what stands inline in a page is not run', async () => {
  await context.close();
  ({ context, page, faults } = await newPage(browser.browser, {}, /^Failed to load resource|Content.Security.Policy/i));
  await signIn(page, mock.url);
  const refused = page.evaluate(() => new Promise((resolve) => {
    addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true });
    const script = document.createElement('script');
    script.textContent = 'window.pwned = 1';
    document.body.append(script);
  }));
  assert.equal(await refused, 'script-src-elem');
  assert.equal(await page.evaluate(() => window.pwned), undefined);
});

test('a thousand integrations are searched and paged', async () => {
  await mock.close();
  mock = await mockWith({ many: 1000 });
  await signIn(page, mock.url);
  await page.getByText('200 integrations of 1,005').waitFor();
  await button('Show more').click();
  await page.getByText('400 integrations of 1,005').waitFor();
  await page.getByLabel('Search integrations').fill('site-0999');
  await page.getByRole('link', { name: 'site-0999' }).waitFor();
  await hasCount(page.locator('tbody tr'), 1);
});

test('everything can be reached by keyboard', async () => {
  await signIn(page, mock.url);
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press('Tab');
  await becomes(() => focused(page), 'Skip to content');
  await page.keyboard.press('Enter');
  await becomes(() => page.evaluate(() => document.activeElement?.tagName), 'MAIN');
  await page.getByRole('link', { name: 'acme-customers', exact: true }).focus();
  await page.keyboard.press('Enter');
  // A page that has opened takes the focus.
  await page.getByRole('heading', { name: /^acme-customers/ }).waitFor();
  await becomes(() => page.evaluate(() => document.activeElement?.tagName), 'MAIN');
  await button('Pause').focus();
  await page.keyboard.press('Enter');
  await dialog().waitFor();
  for (let i = 0; i < 8; ++i) {
    await page.keyboard.press('Tab');
    await becomes(() => page.evaluate(() => document.activeElement === document.body || document.querySelector('dialog').contains(document.activeElement)), true);
  }
  await page.keyboard.press('Escape');
  await becomes(() => focused(page), 'Pause');
});

describe('axe finds nothing serious', () => {
  const PAGES = ['#/', '#/i/acme-customers', '#/i/acme-customers/errors', '#/i/acme-customers/history', '#/i/acme-customers/mapping', '#/i/acme-customers/plan',
    '#/i/acme-customers/file', '#/i/acme-customers/record?key=CKopK87bEDN5eR7c', '#/i/acme-newsletter', '#/i/beta-site', '#/i/eu-customers', '#/connectors', '#/new', '#/nowhere'];
  const check = async (where) => {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
    const serious = violations.filter((each) => ['serious', 'critical'].includes(each.impact));
    assert.deepEqual(serious.map((each) => `${where}: ${each.id}: ${each.nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`), []);
  };
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1280, 390]) {
      test(`${colorScheme}, ${width} pixels wide`, async () => {
        await context.close();
        ({ context, page, faults } = await newPage(browser.browser, { colorScheme, viewport: { width, height: 844 }, bypassCSP: true }));
        await page.goto(mock.url);
        await page.getByLabel('Token').waitFor();
        await check('sign-in');
        await signIn(page, mock.url);
        for (const hash of PAGES) {
          await open(hash);
          await check(hash);
          await becomes(() => page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth)), 0);
        }
        await open('#/i/acme-customers/errors');
        await page.getByRole('table').getByRole('button').first().click();
        await dialog().getByRole('table').waitFor();
        await check('a dialog');
      });
    }
  }
});
