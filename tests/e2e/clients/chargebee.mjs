// Runs the published client `chargebee`, two major versions of it, unmodified, against the Chargebee sandbox.
//
//   node chargebee.mjs PATH_OF_THE_SANDBOX_PROGRAM
//
// Exit codes: 0 all as expected; 1 not; 77 the npm packages are not installed.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

import { control, startSandbox } from './sandbox.mjs';

const program = process.argv[2];
let Chargebee;
let ChargebeeTwo;
try {
  Chargebee = (await import('chargebee')).default;
  ChargebeeTwo = createRequire(import.meta.url)('chargebee-2');
} catch (error) {
  if (!['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(error.code)) throw error;
  console.log('skipped: npm packages are not installed; run `npm ci` in tests/e2e/clients');
  process.exit(77);
}

// The client builds https://SITE.chargebee.com:443; its configuration takes every part of that.
function connection(url, extra = {}) {
  const { hostname, port } = new URL(url);
  return { site: hostname, hostSuffix: '', protocol: 'http', port: Number(port), apiKey: 'sandbox-key', ...extra };
}

async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('a refusal was expected');
}

async function walk(list, params, kind) {
  const rows = [];
  let offset;
  do {
    const page = await list({ ...structuredClone(params), ...(offset ? { offset } : {}) });
    rows.push(...page.list.map((row) => row[kind]));
    offset = page.next_offset;
  } while (offset);
  return rows;
}

const tests = {
  async 'lists every page in the asked order'({ chargebee }) {
    const params = { limit: 100, include_deleted: true, sort_by: { asc: 'created_at' } };
    const rows = await walk((p) => chargebee.customer.list(p), params, 'customer');
    assert.equal(rows.length, 505);
    assert.equal(new Set(rows.map((row) => row.id)).size, 505);
    for (let i = 1; i < rows.length; ++i) assert.ok(rows[i - 1].created_at <= rows[i].created_at);
    assert.equal(rows.filter((row) => row.deleted).length, 5);
    const first = await chargebee.customer.list();
    assert.equal(first.list.length, 10);
    assert.equal(first.httpStatusCode, 200);
  },

  async 'filters with every kind of operator'({ chargebee }) {
    const all = await walk((p) => chargebee.customer.list(p), { limit: 100 }, 'customer');
    const count = async (filter) =>
      (await walk((p) => chargebee.customer.list(p), { limit: 100, ...filter }, 'customer')).length;
    const expect = (predicate) => all.filter(predicate).length;
    const time = 1600000000;
    assert.equal(await count({ updated_at: { after: time } }), expect((c) => c.updated_at > time));
    assert.equal(await count({ updated_at: { before: time } }), expect((c) => c.updated_at < time));
    assert.equal(
      await count({ created_at: { between: [1400000000, time] } }),
      expect((c) => c.created_at >= 1400000000 && c.created_at <= time),
    );
    assert.equal(await count({ email: { is_present: false } }), expect((c) => !c.email));
    assert.equal(await count({ email: { starts_with: 'a' } }), expect((c) => c.email?.startsWith('a')));
    assert.equal(await count({ auto_collection: { in: ['off'] } }), expect((c) => c.auto_collection === 'off'));
    assert.equal(await count({ first_name: { is: 'Null' } }), expect((c) => c.first_name === 'Null'));
    assert.equal(await count({ cf_tier: { is: 'Gold' } }), expect((c) => c.cf_tier === 'Gold'));
    const ids = [all[0].id, all[7].id, all[99].id];
    assert.equal(await count({ id: { in: ids } }), 3);
    assert.equal(await count({ id: { not_in: ids } }), all.length - 3);
  },

  async 'joins subscriptions with their customers'({ chargebee }) {
    const customers = (await chargebee.customer.list({ limit: 100 })).list.map((row) => row.customer);
    const filter = { limit: 100, customer_id: { in: customers.map((c) => c.id) } };
    const page = await chargebee.subscription.list(filter);
    assert.ok(page.list.length > 50);
    for (const { subscription, customer } of page.list) {
      assert.equal(subscription.customer_id, customer.id);
      assert.equal(subscription.subscription_items.filter((item) => item.item_type === 'plan').length, 1);
    }
    const owner = page.list[0].customer.id;
    const own = await chargebee.subscription.subscriptionsForCustomer(owner, {});
    assert.ok(own.list.every((row) => row.subscription.customer_id === owner));
    const active = await walk((p) => chargebee.subscription.list(p), { limit: 100, status: { is: 'active' } }, 'subscription');
    assert.ok(active.length > 0 && active.every((row) => row.status === 'active'));
  },

  async 'reads gifts, events, invoices and the catalogue'({ chargebee }) {
    const gifts = await chargebee.gift.list({ limit: 100, status: { is_not: 'cancelled' } });
    assert.ok(gifts.list.length > 0);
    const { gift, subscription } = gifts.list[0];
    assert.equal(gift.gift_receiver.subscription_id, subscription.id);
    const { gift: same } = await chargebee.gift.retrieve(gift.id);
    assert.deepEqual(same, gift);
    const byGifter = await chargebee.gift.list({ gifter: { customer_id: { is: gift.gifter.customer_id } } });
    assert.equal(byGifter.list[0].gift.id, gift.id);
    const events = await chargebee.event.list({ limit: 5, event_type: { in: ['customer_created'] }, sort_by: { desc: 'occurred_at' } });
    assert.equal(events.list.length, 5);
    assert.equal(events.list[0].event.content.customer.object, 'customer');
    assert.equal((await chargebee.event.retrieve(events.list[0].event.id)).event.event_type, 'customer_created');
    assert.equal((await chargebee.invoice.list({ limit: 3 })).list.length, 3);
    const price = (await chargebee.itemPrice.retrieve('gold-USD-Monthly')).item_price;
    assert.equal((await chargebee.item.retrieve(price.item_id)).item.name, 'Gold');
    assert.equal((await chargebee.item.list({ is_giftable: { is: true } })).list.length, 1);
    assert.ok((await chargebee.coupon.list({})).list.length > 0);
    const { configurations } = await chargebee.configuration.list();
    assert.deepEqual([configurations[0].domain, configurations[0].product_catalog_version], ['acme-test', 'v2']);
  },

  async 'creates, changes and deletes'({ chargebee }) {
    const created = await chargebee.customer.create({
      id: 'klänge & söhne/1',
      first_name: 'Jürgen',
      email: 'j+1@example.com',
      billing_address: { city: 'Köln', zip: '01067', country: 'DE' },
      meta_data: { nested: { a: [1, 'b'] } },
      cf_tier: 'Gold',
    });
    assert.equal(created.customer.billing_address.zip, '01067');
    assert.deepEqual(created.customer.meta_data, { nested: { a: [1, 'b'] } });
    const { id } = created.customer;
    const read = await chargebee.customer.retrieve(id);
    assert.deepEqual(read.customer, created.customer);
    const updated = await chargebee.customer.update(id, { first_name: '', phone: '0123' });
    assert.equal(updated.customer.first_name, undefined);
    assert.ok(updated.customer.resource_version > created.customer.resource_version);
    assert.equal(updated.customer.updated_at, Math.floor(updated.customer.resource_version / 1000));

    const bought = await chargebee.subscription.createWithItems(id, {
      subscription_items: [{ item_price_id: 'silver-EUR-Monthly', quantity: 2 }],
    });
    assert.equal(bought.subscription.mrr, 2 * 2899);
    const cancelled = await chargebee.subscription.cancelForItems(bought.subscription.id, { cancel_reason_code: 'Other' });
    assert.equal(cancelled.subscription.status, 'cancelled');
    const gone = await chargebee.customer.delete(id);
    assert.equal(gone.customer.deleted, true);
    const listed = await chargebee.customer.list({ id: { in: [id] }, include_deleted: true });
    assert.equal(listed.list[0].customer.deleted, true);
    assert.equal((await chargebee.customer.list({ id: { in: [id] } })).list.length, 0);
  },

  async 'gives gifts and refuses to delete who is tied to one'({ chargebee }) {
    const giver = (await chargebee.customer.create({ first_name: 'Giver' })).customer.id;
    const taker = (await chargebee.customer.create({ first_name: 'Taker' })).customer.id;
    const made = await chargebee.gift.createForItems({
      gifter: { customer_id: giver, signature: 'me' },
      gift_receiver: { customer_id: taker, first_name: 'T', last_name: 'K', email: 't@example.com' },
      subscription_items: [{ item_price_id: 'gift-box-USD-Monthly' }],
    });
    assert.equal(made.gift.status, 'scheduled');
    assert.equal((await chargebee.gift.claim(made.gift.id)).gift.status, 'claimed');
    const error = await refusal(chargebee.customer.delete(giver));
    assert.deepEqual([error.http_status_code, error.api_error_code], [409, 'invalid_state_for_request']);
  },

  async 'answers errors that the client understands'({ chargebee, url }) {
    const missing = await refusal(chargebee.customer.retrieve('unknown'));
    assert.deepEqual([missing.http_status_code, missing.api_error_code, missing.type], [404, 'resource_not_found', 'invalid_request']);
    const limit = await refusal(chargebee.customer.list({ limit: 101 }));
    assert.deepEqual([limit.http_status_code, limit.api_error_code, limit.param], [400, 'param_wrong_value', 'limit']);
    const catalogue = await refusal(chargebee.plan.list({}));
    assert.equal(catalogue.api_error_code, 'configuration_incompatible');
    const stranger = new Chargebee(connection(url, { apiKey: 'wrong' }));
    assert.equal((await refusal(stranger.customer.list())).api_error_code, 'api_authentication_failed');
    const reader = new Chargebee(connection(url, { apiKey: 'sandbox-read-only-key' }));
    assert.equal((await reader.customer.list({ limit: 1 })).list.length, 1);
    assert.equal((await refusal(reader.customer.create({}))).http_status_code, 403);
  },

  async 'survives faults as the client does'({ url }) {
    const patient = new Chargebee(connection(url, { retryConfig: { enabled: true, maxRetries: 2, delayMs: 1 } }));
    const route = 'GET /api/v2/customers';
    await control(url, 'fault', { route, kind: 'status', status: 503, body: { message: 'down' }, times: 1 });
    assert.equal((await patient.customer.list({ limit: 1 })).list.length, 1);
    await control(url, 'fault', { route, kind: 'rate_limit', retry_after: 1, times: 1 });
    assert.equal((await patient.customer.list({ limit: 1 })).list.length, 1);
    const plain = new Chargebee(connection(url));
    await control(url, 'fault', { route, kind: 'html504', times: 1 });
    assert.equal((await refusal(plain.customer.list())).http_status_code, 504);
    await control(url, 'fault', { route, kind: 'truncate', times: 1 });
    await refusal(plain.customer.list());
    const same = { 'chargebee-idempotency-key': 'key-1' };
    const one = await plain.customer.create({ first_name: 'Once' }, same);
    const two = await plain.customer.create({ first_name: 'Once' }, same);
    assert.equal(two.customer.id, one.customer.id);
    assert.equal(two.isIdempotencyReplayed, 'true');
    assert.equal((await control(url, 'stats')).faults_fired, 4);
  },

  async 'serves version 2 of the client'({ url }) {
    ChargebeeTwo.configure(connection(url, { api_key: 'sandbox-key' }));
    const page = await ChargebeeTwo.customer.list({ limit: 3, 'sort_by[asc]': 'updated_at', 'updated_at[after]': '1600000000' }).request();
    assert.equal(page.list.length, 3);
    assert.ok(page.list.every((row) => row.customer.updated_at > 1600000000));
    const next = await ChargebeeTwo.customer
      .list({ limit: 3, 'sort_by[asc]': 'updated_at', 'updated_at[after]': '1600000000', offset: page.next_offset })
      .request();
    assert.notEqual(next.list[0].customer.id, page.list[0].customer.id);
    const made = await ChargebeeTwo.customer.create({ first_name: 'Two', billing_address: { city: 'Ulm' } }).request();
    assert.equal(made.customer.billing_address.city, 'Ulm');
    const error = await refusal(ChargebeeTwo.customer.retrieve('unknown').request());
    assert.equal(error.api_error_code, 'resource_not_found');
  },

  async 'sells plans on a site with the first catalogue'() {
    const sandbox = await startSandbox(program, '--customers', '30', '--catalog', '1');
    try {
      const chargebee = new Chargebee(connection(sandbox.url));
      const plans = await walk((p) => chargebee.plan.list(p), { limit: 100 }, 'plan');
      assert.ok(plans.some((plan) => plan.id === 'gold-usd'));
      const { list } = await chargebee.subscription.list({ limit: 5 });
      assert.ok(list.every((row) => plans.some((plan) => plan.id === row.subscription.plan_id)));
      const { customer } = await chargebee.customer.create({});
      const bought = await chargebee.subscription.createForCustomer(customer.id, { plan_id: 'gold-eur' });
      assert.equal(bought.subscription.currency_code, 'EUR');
      assert.equal((await refusal(chargebee.itemPrice.list({}))).api_error_code, 'configuration_incompatible');
    } finally {
      await sandbox.stop();
    }
  },
};

const sandbox = await startSandbox(program, '--customers', '500', '--seed', '7', '--gifters', '0.1');
const context = { url: sandbox.url, chargebee: new Chargebee(connection(sandbox.url)) };
let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    await test(context);
    console.log(`ok      ${name}`);
  } catch (error) {
    ++failed;
    console.log(`FAILED  ${name}\n${error.stack ?? JSON.stringify(error)}`);
  }
}
await sandbox.stop();
process.exitCode = failed === 0 ? 0 : 1;
