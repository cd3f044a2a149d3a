// What the mock service knows: answers recorded from `sluice … --json`, and things that vendors' data may hold.
import { readFileSync } from 'node:fs';

const recorded = (name) => JSON.parse(readFileSync(new URL(`data/${name}.json`, import.meta.url), 'utf8'));
export const connectors = recorded('connectors');
export const discovery = recorded('discovery');
export const record = recorded('record');
export const plan = recorded('plan');

export const hostile = {
  script: `<script>window.pwned=1</script><img src=x onerror="window.pwned=1">`,
  rightToLeft: '\u202eevil\u202c שלום עולם مرحبا',
  emoji: '👩‍👩‍👧‍👦🏳️‍🌈 Zoë 🇳🇱',
  long: 'long '.repeat(2000),
  unbroken: 'x'.repeat(10_000),
};

const HOUR = 3_600_000;

// Always the same numbers.
function random(seed) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const counts = (sync, values) => ({
  sync, read: 0, delivered: 0, unchanged: 0, deleted: 0, filtered: 0, superseded: 0, stale: 0, pending: 0, rejected: 0,
  new_errors: 0, open_errors: 0, ...values,
});

export function runOf(id, stage, started, seconds, result, values, message) {
  const summary = result === 'failed' || result === ''
    ? {}
    : {
        seconds,
        syncs: [counts('customers', values)],
        statistics: {
          source: { counters: { 'requests GET /customers': 4 + id, 'requests GET /subscriptions': 8 }, restarts: 0, peak_memory: 17_735_680 },
          destination: { counters: { 'requests POST /import/bulk_import': 2, 'requests GET /fields': 5 }, restarts: 0, peak_memory: 16_629_760 },
        },
      };
  return { id, stage, started, ended: result === '' ? 0 : started + seconds * 1000, result, summary, ...(message ? { message } : {}) };
}

function historyOf(now, length) {
  const next = random(7);
  const runs = [];
  for (let i = 0; i < length; ++i) {
    const started = now - (length - i) * 6 * HOUR + 120_000;
    const delivered = Math.floor(next() * next() * 400);
    const unchanged = Math.floor(next() * 60);
    const rejected = i % 7 === 3 ? 4 : 0;
    const read = delivered + unchanged + rejected + 3;
    const id = i + 1;
    if (i === 0) runs.push(runOf(id, 'validate', started, 42, 'errors', { read: 12_040, valid: 11_209, rejected: 14, filtered: 817 }));
    else if (i === 1) runs.push(runOf(id, 'initial', started, 4, 'done', { read: 10, delivered: 8, unchanged: 1, filtered: 1 }));
    else if (i === 2) runs.push(runOf(id, 'full', started, 184, 'done', { read: 12_040, delivered: 11_201, filtered: 817, rejected: 14, unchanged: 8 }));
    else if (i === length - 6)
      runs.push(runOf(id, 'incremental', started, 31, 'failed', {}, 'destination: HTTP 503 from /api/3/contact/sync after 4 tries over 31 s: "upstream connect error"'));
    else runs.push(runOf(id, 'incremental', started, 3 + delivered / 40, rejected ? 'errors' : 'done', { read, delivered, unchanged, rejected, filtered: 3 }));
  }
  return runs.reverse();
}

const error = (now, key, stage, code, field, message, attempts = 1) => ({
  sync: 'customers', key, stage, code, field, message, first_seen: now - 40 * HOUR, last_seen: now - 2 * HOUR, attempts,
});

function errorsOf(now) {
  const rows = [];
  for (let i = 0; i < 64; ++i)
    rows.push(error(now, `cust_${String(1000 + i * 37)}`, 'check', 'check_failed', '', 'no subscription', 1 + (i % 4)));
  for (let i = 0; i < 9; ++i)
    rows.push(error(now, `AzZ7${String.fromCharCode(65 + i)}kQ2v${i}`, 'check', 'check_failed', '', 'no valid e-mail address'));
  rows.push(error(now, 'CKopK87bEDN5eR7c', 'duplicate', 'duplicate_key', 'email', '2 records claim giorgos.oikonomou.242@kunden.example: sGPo0EnTEYKlQLj5 (which is written), CKopK87bEDN5eR7c'));
  rows.push(error(now, 'cust_9', 'write', 'invalid_value', 'phone', 'the account says: "Phone number is not valid" (field phone)', 6));
  rows.push(error(now, hostile.script, 'write', 'rejected', 'Company', `the account says: ${hostile.script}`, 2));
  rows.push(error(now, hostile.rightToLeft, 'write', 'rejected', 'Company', `the account says: ${hostile.rightToLeft}`, 2));
  rows.push(error(now, `emoji/${hostile.emoji}?&#%2F`, 'mapping', 'wrong_type', 'MRR', `"${hostile.emoji}" is not a number`));
  rows.push(error(now, `key ${hostile.unbroken}`.slice(0, 900), 'mapping', 'too_long', 'Nickname', `the value has 10000 characters, the field takes 255: "${hostile.unbroken}"`));
  return rows;
}

const expressions = {
  email: ['.customer.email'], firstName: ['.customer.first_name'], lastName: ['.customer.last_name'], phone: ['.customer.phone'],
  Company: ['.customer.company', 'text'], 'Customer ID': ['.customer.id', 'text'], Country: ['.customer.billing_address.country', 'text'],
  MRR: ['.subscription.mrr | money(.subscription.currency_code)', 'number'], 'Plan name': ['.subscription.plan_name', 'text'],
  'Subscription created at': ['.subscription.created_at | date("UTC")', 'date'],
  'Cancellation reason': ['.subscription.cancel_reason // .subscription.cancel_reason_code', 'text'],
};
export const presets = [
  {
    name: 'chargebee-activecampaign',
    description: 'The 18 default fields from Chargebee to ActiveCampaign',
    fields: Object.entries(expressions).map(([name, [value, type]]) => ({ name, value, ...(type ? { type } : {}) })),
  },
];

export function definitionOf(item) {
  return {
    integration: item.name,
    file: item.file,
    source: { ...item.source, options: { site: '***', api_key: '***' } },
    destination: { ...item.destination, options: { url: '***', api_key: '***' } },
    schedule: item.schedule === 'manual'
      ? { text: 'manual', next: [] }
      : { text: item.schedule, every_seconds: 21_600, next: [1, 2, 3, 4, 5].map((n) => item.next_run + (n - 1) * 6 * HOUR) },
    retention: { runs_seconds: 7_776_000, resolved_errors_seconds: 2_592_000 },
    syncs: [
      {
        name: 'customers', stream: 'customers', read_options: { subscription: 'prefer_active', gift_purchasers: true },
        object: 'contacts', match: 'email', mode: 'upsert', on_delete: 'unsubscribe', on_exclude: 'keep', on_duplicate: 'error',
        write_options: { list: 'Customers', transport: 'auto', resubscribe: 'own' }, max_deletes: '2%',
        preset: 'chargebee-activecampaign', filter: '.customer.cs_marketing != false',
        fields: [
          ...presets[0].fields.map((field, i) => ({ ...field, preset: true, at: `presets/chargebee-activecampaign.yaml:${13 + i}:3` })),
          { name: 'Renewal date', value: '.subscription.next_billing_at | date("UTC")', at: `${item.file}:62:7` },
          { name: 'Nickname', value: '.customer.cf_nick', overwrite: 'if_empty', at: `${item.file}:65:7` },
        ],
        rules: [
          { when: '.subscription.status == "cancelled"', set: { tags: ['churned'] } },
          { when: '.subscription.plan_name == "<b>Gold</b>"', set: { tags: ['vip', hostile.emoji] } },
        ],
        checks: [
          { that: '.customer.email | is_email', say: 'no valid e-mail address' },
          { that: '.subscription != null or .gift_purchaser', say: 'no subscription' },
        ],
      },
    ],
    diagnostics: [`${item.file}:12:12: note: the budget of this account is shared by 2 integrations`],
  };
}

export function fileOf(item) {
  return `integration: ${item.name}

source:
  connector: ${item.source.connector}
  site: \${CHARGEBEE_SITE}
  api_key: \${CHARGEBEE_API_KEY}

destination:
  connector: ${item.destination.connector}
  url: \${ACTIVECAMPAIGN_URL}
  api_key: \${ACTIVECAMPAIGN_API_KEY}

schedule: {every: 6h}

syncs:
  customers:
    read: {stream: customers, subscription: prefer_active, gift_purchasers: true}
    write: {object: contacts, match: email, list: Customers, on_delete: unsubscribe}
    check:
      - {that: .customer.email | is_email, say: no valid e-mail address}
    filter: .customer.cs_marketing != false
    preset: chargebee-activecampaign
`;
}

// The integrations at the start, each in another state.
export function startingPoint(now, many) {
  const chargebee = { connector: 'chargebee', title: 'Chargebee site acme-test' };
  const activecampaign = { connector: 'activecampaign', title: 'ActiveCampaign acme.api-us1.com' };
  const item = (name, values) => ({
    name, file: `${name}.yaml`, state: 'active', source: chargebee, destination: activecampaign, schedule: 'every 6h',
    next_run: now + 3.4 * HOUR, runs: [], errors: [], ignored: [], decisions: [], running: null, plan: { state: 'none' }, ...values,
  });
  const decision = (hours, who, action, detail, affected = 0) => ({ at: now - hours * HOUR, who, action, detail, affected });
  const items = [
    item('acme-customers', {
      runs: historyOf(now, 60), errors: errorsOf(now),
      ignored: [{ ...error(now, 'cust_77', 'check', 'check_failed', '', 'no subscription'), decided_by: 'mara', decided_why: 'test customers', decided_at: now - 90 * HOUR }],
      decisions: [decision(90, 'mara', 'ignore', '1 error: test customers', 1), decision(361, 'mara', 'link', 'Chargebee site acme-test → ActiveCampaign acme.api-us1.com')],
    }),
    item('acme-newsletter', {
      state: 'paused', paused_from: 'active', next_run: null, runs: historyOf(now, 12).filter((run) => run.result !== 'failed'),
      decisions: [decision(20, 'jo', 'pause', `list is being cleaned up ${hostile.emoji}`)],
    }),
    item('beta-site', { state: 'new', next_run: null, schedule: 'cron "0 */6 * * *" (Europe/Berlin)' }),
    item('eu-customers', {
      state: 'sampled', next_run: null,
      runs: [runOf(2, 'initial', now - 3 * HOUR, 5, 'done', { read: 10, delivered: 9, unchanged: 1 }), runOf(1, 'validate', now - 4 * HOUR, 61, 'done', { read: 8_211, valid: 8_190, filtered: 21 })],
    }),
    item('people-export', {
      schedule: 'manual', next_run: null, source: { connector: 'file', title: 'people.ndjson' }, destination: { connector: 'file', title: hostile.script },
      runs: historyOf(now, 5).filter((run) => run.result !== 'failed'),
    }),
  ];
  for (let i = 0; i < many; ++i) items.push(item(`site-${String(i).padStart(4, '0')}`, { runs: historyOf(now, 8) }));
  return {
    items: new Map(items.map((each) => [each.name, each])),
    problems: [{ file: 'broken.yaml', diagnostics: ['broken.yaml:14:9: error: unknown key "feilds" (did you mean "fields"?)', `broken.yaml:3:1: error: no connector ${hostile.script}`] }],
  };
}
