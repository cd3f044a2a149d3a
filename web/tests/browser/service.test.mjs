// The dashboard of a real `sluice serve` against both sandboxes: the whole first set-up from the wizard on, an error that is
// fixed and tried again, a changed file, pause, a token that is taken away, unlink. One step goes on where the one before it
// stopped. Needs SLUICE_BIN, the folder of the programs; left out without.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, test } from 'node:test';
import { checkAll } from '../contract.mjs';
import { becomes, hasCount, newPage, openPage, startBrowser } from './browser.mjs';

const bin = process.env.SLUICE_BIN;
const started = [];
let work;
let environment;
let url;
let chargebee;
let activecampaign;
let browser;
let page;
let token;

// Starts a program that prints its address first.
async function start(program, ...args) {
  const child = spawn(join(bin, program), args, { cwd: work, env: environment, stdio: ['ignore', 'pipe', process.env.SLUICE_SHOW ? 'inherit' : 'ignore'] });
  started.push(child);
  const [line] = await Promise.race([
    new Promise((resolve) => createInterface(child.stdout).once('line', (each) => resolve([each]))),
    new Promise((_, reject) => child.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)))),
  ]);
  return line.trim();
}
const sluice = (...args) => execFileSync(join(bin, 'sluice'), args, { cwd: work, env: environment, encoding: 'utf8' }).trim();
const button = (name) => page.getByRole('button', { name, exact: typeof name === 'string' });
const dialog = () => page.getByRole('dialog');
const head = () => page.locator('.page-head');
const open = (hash) => openPage(page, url, hash);
const signIn = async (token) => {
  await page.getByLabel('Token').fill(token);
  await button('Sign in').click();
};
let faults;
const ask = async (path) => (await fetch(new URL(`/api/v1/${path}`, url), { headers: { Authorization: `Bearer ${token}` } })).json();
const mutate = async (change) => assert.equal((await fetch(new URL('/_sandbox/mutate', chargebee), { method: 'POST', body: JSON.stringify(change) })).status, 200);

before(async () => {
  if (!bin) return;
  work = mkdtempSync(join(tmpdir(), 'sluice-service-'));
  mkdirSync(join(work, 'configs'));
  environment = { ...process.env, SLUICE_STATE: join(work, 'state'), XDG_STATE_HOME: join(work, 'xdg'), ACTIVECAMPAIGN_API_KEY: 'sandbox-key', CHARGEBEE_API_KEY: 'sandbox-key' };
  chargebee = await start('sluice-sandbox-chargebee', '--port', '0', '--customers', '300');
  activecampaign = await start('sluice-sandbox-activecampaign', '--port', '0');
  Object.assign(environment, { CHARGEBEE_URL: chargebee, ACTIVECAMPAIGN_URL: activecampaign });
  url = `${await start('sluice', 'serve', '--configs', 'configs', '--listen', '127.0.0.1:0')}/`;
  browser = await startBrowser();
  ({ page, faults } = await newPage(browser.browser));
});
afterEach(() => {
  assert.deepEqual(faults?.splice(0) ?? [], []);
});
after(async () => {
  if (!bin) return;
  await browser?.close();
  await Promise.all(started.reverse().map((child) => child.exitCode !== null ? null : new Promise((resolve) => { child.once('exit', resolve); child.kill('SIGTERM'); })));
  rmSync(work, { recursive: true, force: true });
});

// What the command line says of the open errors.
const openErrors = () => JSON.parse(sluice('errors', 'list', 'configs/acme.yaml', '--json')).errors;
// Nothing can be said of a step when the one before it came to nothing.
let under = '';
const step = (name, run) => test(name, { skip: !bin && 'SLUICE_BIN is not set' }, async () => {
  assert.equal(under, '', `“${under}” did not come to its end`);
  under = name;
  await run();
  under = '';
});
const show = (hash) => open(`#/i/acme${hash}`);

// The whole first set-up: the wizard writes the file, and its page leads through the stages.
step('from the wizard to an active integration', async () => {
  token = sluice('serve', 'token', 'add', 'mara', '--role', 'operator');
  await page.goto(url);
  await signIn('nonsense');
  await page.getByRole('alert').waitFor();
  await signIn(token);
  await page.getByText('There is no integration yet').waitFor();
  await page.getByRole('link', { name: 'New integration' }).first().click();

  // A wrong key is told, a right one connects.
  await page.getByRole('radio', { name: /^Chargebee/ }).check();
  await page.getByText(/^More options/).click();
  await page.getByLabel('base_url').fill(chargebee);
  await page.getByLabel('site').fill('acme');
  await page.getByLabel('api_key').fill('wrong');
  await page.getByLabel('requests_per_minute').fill('0');
  await button('Try the connection').click();
  await page.getByRole('alert').waitFor();
  await becomes(() => button('Go on').isDisabled(), true);
  await page.getByLabel('api_key').fill('sandbox-key');
  await button('Try the connection').click();
  await page.getByText('Connected: Chargebee').waitFor();
  await button('Go on').click();
  await page.getByRole('radio', { name: /^ActiveCampaign/ }).check();
  await page.getByLabel('url', { exact: false }).first().fill(activecampaign);
  await page.getByLabel('api_key').fill('${ACTIVECAMPAIGN_API_KEY}');
  await page.getByText(/^More options/).click();
  await page.getByLabel('requests_per_second').fill('0');
  await button('Try the connection').click();
  await page.getByText('Connected: ActiveCampaign').waitFor();
  await button('Go on').click();

  // Lists and fields are those that the account has.
  const offered = (label) => page.getByLabel(label, { exact: true }).evaluate((input) => [...(input.list?.options ?? [])].map((each) => each.value));
  await becomes(async () => (await offered('list')).includes('Customers'), true);
  await page.getByLabel('list', { exact: true }).fill('Customers');
  await becomes(() => page.getByLabel('Preset').inputValue(), 'chargebee-activecampaign');
  await button('Add a field').click();
  await becomes(async () => (await offered('Destination')).includes('phone'), true);
  await becomes(async () => (await offered('Source')).includes('.customer.first_name'), true);
  await page.getByLabel('Source', { exact: true }).fill('.customer.locale');
  await page.getByLabel('Destination', { exact: true }).fill('Language');
  await page.getByLabel('Filter').fill('.customer.cs_marketing != false');
  await button('Go on').click();
  await page.getByRole('textbox', { name: /^Name/ }).fill('acme');
  await page.getByRole('radio', { name: 'by hand only' }).check();
  await button('Show the file').click();
  await page.getByText('The file is fine').waitFor();
  assert.ok(!existsSync(join(work, 'configs', 'acme.yaml')));
  await button('Write the file').click();
  await head().getByText('New', { exact: true }).waitFor();
  const text = readFileSync(join(work, 'configs', 'acme.yaml'), 'utf8');
  assert.doesNotMatch(text, /: sandbox-key/);
  assert.match(text, /\$\{ACTIVECAMPAIGN_API_KEY\}/);
  const secrets = join(work, 'configs', 'secrets');
  assert.deepEqual(readdirSync(secrets), ['acme.source.api_key']);
  for (const file of readdirSync(secrets)) assert.equal(statSync(join(secrets, file)).mode & 0o077, 0);

  await button('Check now').click();
  await page.getByText('Both sides answer', { exact: true }).waitFor();
  // Validate finds errors, and the gate stays closed.
  await button('Run Validate').click();
  await page.getByRole('link', { name: /^Look at \d+ errors?/ }).waitFor();
  await hasCount(button('Run Initial sync'), 0);
  await page.getByRole('link', { name: /^Look at \d+ errors?/ }).click();
  await page.locator('.causes > li').first().waitFor();
});

step('an error is fixed at the source and tried again, others are ignored', async () => {
  const broken = openErrors().find((row) => row.field === 'email' && row.stage !== 'duplicate');
  assert.ok(broken, JSON.stringify(openErrors().slice(0, 5)));
  await mutate({ set: [{ type: 'customer', id: broken.key, values: { email: 'found.again@example.com' } }] });
  await show(`/record?key=${encodeURIComponent(broken.key)}`);
  await page.getByRole('heading', { name: 'Error', exact: true }).waitFor();
  await show('/errors');
  await page.getByLabel('Search errors').fill(broken.key);
  await page.getByRole('table').getByRole('button', { name: broken.key }).click();
  await dialog().getByText('What the file makes of it now').waitFor();
  await dialog().getByRole('button', { name: 'Retry' }).click();
  await page.getByLabel('Why').fill('corrected at the source');
  await dialog().getByRole('button', { name: 'Retry' }).click();
  await page.getByText('1 error tried again').waitFor();
  await page.getByText(/^No error fits/).waitFor();
  await becomes(() => openErrors().some((row) => row.key === broken.key), false);

  await show('/errors');
  const ignore = button(/^Ignore \d/);
  const none = page.getByText('No open errors');
  for (;;) {
    await ignore.or(none).first().waitFor();
    if (await none.isVisible()) break;
    const cause = await page.locator('.causes > li').count();
    await ignore.first().click();
    await dialog().getByRole('button', { name: 'Ignore' }).click();
    await dialog().waitFor({ state: 'detached' });
    await page.locator('.causes > li').nth(cause - 1).waitFor({ state: 'detached' });
  }
  assert.deepEqual(openErrors(), []);
});

step('the rest of the way, and what its pages show', async () => {
  await show('');
  await button('Validate again').click();
  for (const step of ['Initial sync', 'Sync all']) await button(`Run ${step}`).click();
  await head().getByText('Active', { exact: true }).waitFor();
  await hasCount(page.locator('.step.done'), 6);
  // Who made it and who started what.
  for (const what of ['create', 'start', 'ignore', 'retry']) await page.getByRole('table').getByRole('cell', { name: new RegExp(`^${what}`) }).first().waitFor();
  await page.getByRole('link', { name: 'History' }).click();
  await page.getByRole('button', { name: /^Sync all run/ }).click();
  await dialog().getByText('delivered').waitFor();
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Mapping' }).click();
  await button('Show values of a record').click();
  await page.getByText('Values of').waitFor();
  await page.getByRole('link', { name: 'Plan', exact: true }).click();
  await button('Make a plan').click();
  await page.getByText('Nothing was written').waitFor();

  // Every answer is as the contract says.
  const { found } = await checkAll(url, token);
  assert.deepEqual(found, []);
});

step('a change to the file is shown as a diff, and made by hand', async () => {
  const file = join(work, 'configs', 'acme.yaml');
  const text = readFileSync(file, 'utf8');
  await show('/file');
  await button('Change').click();
  await page.getByLabel('Changed file').fill(text.replace('schedule: manual', 'schedule: {every: 2h}'));
  await button('Check, and show the diff').click();
  await page.getByText('+schedule: {every: 2h}').waitFor();
  await page.getByText('The file is fine').waitFor();
  assert.equal(readFileSync(file, 'utf8'), text);
  // What is changed is taken up without a restart.
  writeFileSync(`${file}.new`, text.replace('schedule: manual', 'schedule: {every: 2h}'));
  renameSync(`${file}.new`, file);
  await becomes(async () => (await ask('integrations/acme/status')).schedule, 'every 2h');
  await show('');
  await page.getByText('every 2h', { exact: true }).waitFor();
});

step('pause, a token that is taken away, unlink', async () => {
  await show('');
  await button('Pause').click();
  await page.getByLabel('Why').fill('a cleaning');
  await dialog().getByRole('button', { name: 'Pause' }).click();
  await page.getByText(/^Paused by mara/).waitFor();
  await hasCount(button('Incremental sync now'), 0);
  await button('Resume').click();
  await dialog().getByRole('button', { name: 'Resume' }).click();
  await button('Incremental sync now').waitFor();

  // The token is taken away: the page asks for another one, and goes on where it was.
  sluice('serve', 'token', 'remove', 'mara');
  await page.getByRole('link', { name: 'File and schedule' }).click();
  await page.getByText('The session has ended').waitFor();
  token = sluice('serve', 'token', 'add', 'jo', '--role', 'operator');
  await signIn(token);
  await page.getByRole('heading', { name: 'acme.yaml' }).waitFor();

  await button('Unlink').click();
  await page.getByLabel('Type acme to confirm').fill('acme');
  await page.getByLabel('Why').fill('moved');
  await dialog().getByRole('button', { name: 'Unlink' }).click();
  await head().getByText('Unlinked', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Set-up and state' }).click();
  await page.getByText(/^Unlinked by jo/).waitFor();
  await button('Run Validate').waitFor();
});

step('a file that somebody puts there appears by itself', async () => {
  await open('#/');
  writeFileSync(join(work, 'configs', '.copy'), 'integration: copy\nsource: {connector: file, path: people.ndjson, key: id}\n'
    + 'destination: {connector: file, path: out.ndjson}\nschedule: manual\n'
    + 'syncs: {people: {read: {stream: records}, write: {object: records, match: email}, fields: {email: .email}}}\n');
  renameSync(join(work, 'configs', '.copy'), join(work, 'configs', 'copy.yaml'));
  await page.getByRole('link', { name: 'copy', exact: true }).click();
  await head().getByText('New', { exact: true }).waitFor();
});
