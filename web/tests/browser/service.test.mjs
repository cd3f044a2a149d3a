// The dashboard of a real `sluice serve` against both sandboxes: the whole first set-up, an error that is fixed and tried again,
// pause, a token that is taken away, unlink; then the wizard. Needs SLUICE_BIN, the folder of the programs; left out without.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { checkAll } from '../contract.mjs';
import { hasCount, openPage, startBrowser } from './browser.mjs';

const bin = process.env.SLUICE_BIN;
const started = [];
let work;
let environment;
let url;
let chargebee;
let activecampaign;
let browser;
let page;

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
  page = await browser.context.newPage();
  page.setDefaultTimeout(60_000);
  faults = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && !message.text().startsWith('Failed to load resource') && faults.push(message.text()));
});
after(async () => {
  if (!bin) return;
  await browser?.close();
  await Promise.all(started.reverse().map((child) => child.exitCode !== null ? null : new Promise((resolve) => { child.once('exit', resolve); child.kill('SIGTERM'); })));
  rmSync(work, { recursive: true, force: true });
});

test('from a file to the end', { skip: !bin && 'SLUICE_BIN is not set' }, async () => {
  const token = sluice('serve', 'token', 'add', 'mara', '--role', 'operator');
  await page.goto(url);
  await signIn('nonsense');
  await page.getByRole('alert').waitFor();
  await signIn(token);
  await page.getByText('There is no integration yet').waitFor();
  // A file that appears is taken up without a restart, and the page shows it by itself.
  const demo = readFileSync(new URL('../../../tests/demo/integration.yaml', import.meta.url), 'utf8');
  writeFileSync(join(work, 'configs', 'acme.yaml'), demo.replace('integration: demo', 'integration: acme'));
  await page.getByRole('link', { name: 'acme', exact: true }).click();
  await head().getByText('New', { exact: true }).waitFor();
  await button('Check now').click();
  await page.getByText('Both sides answer', { exact: true }).waitFor();

  // Validate finds errors, and the gate stays closed.
  await button('Run Validate').click();
  await page.getByText(/^Look at \d+ errors?/).waitFor();
  assert.equal(await button('Run Initial sync').count(), 0);
  await page.getByText(/^Look at \d+ errors?/).click();
  const causes = page.locator('.causes > li');
  await causes.first().waitFor();
  const before = await causes.count();

  // One is fixed at the source and tried again, the others are ignored.
  await page.getByRole('table').getByRole('button').first().waitFor();
  const { errors } = JSON.parse(sluice('errors', 'list', 'configs/acme.yaml', '--json'));
  const broken = errors.find((row) => row.message === 'no valid e-mail address');
  await mutate({ set: [{ type: 'customer', id: broken.key, values: { email: 'found.again@example.com' } }] });
  await open(`#/i/acme/record?key=${encodeURIComponent(broken.key)}`);
  await page.getByRole('heading', { name: 'Error', exact: true }).waitFor();
  await open('#/i/acme/errors');
  await page.getByRole('table').getByRole('button', { name: broken.key }).click();
  await dialog().getByText('What the file makes of it now').waitFor();
  await dialog().getByRole('button', { name: 'Retry' }).click();
  await page.getByLabel('Why').fill('corrected at the source');
  await dialog().getByRole('button', { name: 'Retry' }).click();
  await page.getByText('1 error tried again').waitFor();
  await page.getByRole('table').getByRole('button', { name: broken.key }).waitFor({ state: 'detached' });
  assert.ok((await causes.count()) <= before);
  while ((await causes.count()) > 0) {
    const left = await causes.count();
    await button(/^Ignore \d/).first().click();
    await dialog().getByRole('button', { name: 'Ignore' }).click();
    await dialog().waitFor({ state: 'detached' });
    await causes.nth(left - 1).waitFor({ state: 'detached' });
  }

  // The rest of the way.
  await open('#/i/acme');
  await button('Validate again').click();
  for (const step of ['Initial sync', 'Sync all']) await button(`Run ${step}`).click();
  await head().getByText('Active', { exact: true }).waitFor();
  await hasCount(page.locator('.step.done'), 6);
  await page.getByRole('link', { name: 'History' }).click();
  await page.getByRole('button', { name: /^Sync all run/ }).click();
  await dialog().getByText('delivered').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Mapping' }).click();
  await button('Show values of a record').click();
  await page.getByText('Values of').waitFor();
  await page.getByRole('link', { name: 'Plan', exact: true }).click();
  await button('Make a plan').click();
  await page.getByText('Nothing was written').waitFor();

  // Every answer is as the contract says.
  const { found } = await checkAll(url, token);
  assert.deepEqual(found, []);

  await open('#/i/acme');
  await button('Pause').click();
  await page.getByLabel('Why').fill('a cleaning');
  await dialog().getByRole('button', { name: 'Pause' }).click();
  await page.getByText(/^Paused by/).waitFor();
  await button('Resume').click();
  await dialog().getByRole('button', { name: 'Resume' }).click();
  await button('Incremental sync now').waitFor();

  // The token is taken away: the page asks for another one, and goes on where it was.
  sluice('serve', 'token', 'remove', 'mara');
  await page.getByRole('link', { name: 'File and schedule' }).click();
  await page.getByText('The session has ended').waitFor();
  await signIn(sluice('serve', 'token', 'add', 'jo', '--role', 'operator'));
  await page.getByRole('heading', { name: 'acme.yaml' }).waitFor();

  await button('Unlink').click();
  await page.getByLabel('Type acme to confirm').fill('acme');
  await dialog().getByRole('button', { name: 'Unlink' }).click();
  await head().getByText('New', { exact: true }).waitFor();
  assert.deepEqual(faults, []);
});

test('from the wizard to a checked file', { skip: !bin && 'SLUICE_BIN is not set' }, async () => {
  await open('#/');
  await page.getByRole('link', { name: 'New integration' }).click();
  // The wizard: a wrong key is told, a right one connects.
  await page.getByRole('radio', { name: /^Chargebee/ }).check();
  await page.getByText(/^More options/).click();
  await page.getByLabel('base_url').fill(chargebee);
  await page.getByLabel('site').fill('acme');
  await page.getByLabel('api_key').fill('wrong');
  await button('Try the connection').click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('api_key').fill('sandbox-key');
  await button('Try the connection').click();
  await page.getByText('Connected: Chargebee').waitFor();
  await button('Go on').click();
  await page.getByRole('radio', { name: /^ActiveCampaign/ }).check();
  await page.getByLabel('url', { exact: false }).first().fill(activecampaign);
  await page.getByLabel('api_key').fill('${ACTIVECAMPAIGN_API_KEY}');
  await button('Try the connection').click();
  await page.getByText('Connected: ActiveCampaign').waitFor();
  await button('Go on').click();
  await page.getByLabel('list', { exact: true }).fill('Customers');
  assert.equal(await page.getByLabel('Preset').inputValue(), 'chargebee-activecampaign');
  await button('Go on').click();
  await page.getByRole('textbox', { name: /^Name/ }).fill('from-wizard');
  await page.getByRole('radio', { name: 'by hand only' }).check();
  await button('Show the file').click();
  await page.getByText('The file is fine').waitFor();
  await button('Write the file').click();
  await head().getByText('New', { exact: true }).waitFor();
  const text = readFileSync(join(work, 'configs', 'from-wizard.yaml'), 'utf8');
  assert.doesNotMatch(text, /: sandbox-key/);
  assert.match(text, /\$\{ACTIVECAMPAIGN_API_KEY\}/);
  const secrets = join(work, 'configs', 'secrets');
  assert.ok(existsSync(secrets));
  for (const file of readdirSync(secrets)) assert.equal(statSync(join(secrets, file)).mode & 0o077, 0);

  assert.deepEqual(faults, []);
});
