// Answers as host/serve/openapi.yaml says, from memory. For work on the dashboard and its tests; no security.
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { connectors, definitionOf, discovery, fileOf, hostile, plan, presets, record, runOf, startingPoint } from './data.mjs';

// As the service sends it: nothing inline runs, nothing from elsewhere is loaded.
export const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const TITLES = { 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 409: 'Conflict', 422: 'Unprocessable Content', 502: 'Bad Gateway' };
const ROLES = { 'operator-token': 'operator', 'viewer-token': 'viewer' };

class Refusal extends Error {
  constructor(status, code, detail, more = {}) {
    super(detail);
    this.problem = { type: 'about:blank', title: TITLES[status], status, code, detail, ...more };
  }
}

const body = (request) => new Promise((resolve, reject) => {
  let text = '';
  request.on('data', (chunk) => (text += chunk));
  request.on('end', () => {
    try {
      resolve(text === '' ? {} : JSON.parse(text));
    } catch {
      reject(new Refusal(422, 'invalid', 'the body is no JSON'));
    }
  });
});

const ORDER = ['validate', 'initial', 'full', 'incremental'];
const AFTER = { new: 0, unlinked: 0, validated: 1, sampled: 2, active: 3 };
const reached = (item) => item.paused_from ?? item.state;
const nextStage = (item) => ORDER[AFTER[reached(item)]];

function stepsOf(item) {
  const done = AFTER[reached(item)] ?? 0;
  const state = (position, blocked) => {
    if (position < done) return 'done';
    if (position > done) return 'waiting';
    if (item.running) return 'running';
    return blocked ? 'blocked' : 'current';
  };
  const gate = item.errors.length > 0 && item.runs.length > 0;
  return [
    { id: 'connect', state: 'done', why: `${item.source.title} → ${item.destination.title}` },
    { id: 'preferences', state: 'done', why: `${item.file} has no errors` },
    { id: 'validate', state: state(0, gate), ...(gate && done === 0 ? { why: `${item.errors.length} open errors: fix them at the source and validate again, or ignore them` } : {}) },
    { id: 'initial', state: state(1) },
    { id: 'full', state: state(2) },
    { id: 'active', state: item.state === 'paused' ? 'blocked' : done === 3 ? 'done' : 'waiting', ...(item.state === 'paused' ? { why: 'paused: resume it' } : {}) },
  ];
}

function causesOf(rows) {
  const causes = new Map();
  for (const row of rows) {
    const id = JSON.stringify([row.sync, row.stage, row.code, row.field, row.stage === 'check' ? row.message : '']);
    const cause = causes.get(id) ?? { sync: row.sync, stage: row.stage, code: row.code, field: row.field, count: 0, message: row.message, examples: [] };
    cause.count += 1;
    if (cause.examples.length < 3) cause.examples.push(row.key);
    causes.set(id, cause);
  }
  return [...causes.values()].sort((a, b) => b.count - a.count);
}

const last = (item) => {
  const run = item.runs[0];
  if (!run) return null;
  const { summary, ...rest } = run;
  return rest;
};

const overviewOf = (item) => ({
  integration: item.name, file: item.file, state: item.state, next: nextStage(item), schedule: item.schedule,
  source: item.source, destination: item.destination, open_errors: item.errors.length, ignored_errors: item.ignored.length,
  last_run: last(item), next_run: item.next_run, running: item.running,
  activity: item.runs.slice(0, 30).reverse().map((run) => {
    const total = (name) => (run.summary.syncs ?? []).reduce((sum, sync) => sum + sync[name], 0);
    return { started: run.started, stage: run.stage, result: run.result, read: total('read'), delivered: total('delivered'), rejected: total('rejected') };
  }),
});

const statusOf = (item, now) => ({
  integration: item.name, state: item.state, next: nextStage(item), full_needed: item.name === 'acme-newsletter' ? [{ sync: 'customers', reason: 'the mapping has changed' }] : [],
  open_errors: item.errors.length, ignored_errors: item.ignored.length, errors: causesOf(item.errors), pending_writes: 0,
  runs: item.runs.slice(0, 20), decisions: item.decisions.slice(0, 20), schedule: item.schedule, next_run: item.next_run,
  ...(item.runs.length > 2 ? { cursor: { as_of: item.runs[0].started, age_seconds: Math.round((now - item.runs[0].started) / 1000) } } : {}),
  ...(item.state === 'paused' ? { paused_from: item.paused_from, paused: item.decisions.find((each) => each.action === 'pause') } : {}),
  running: item.running, steps: stepsOf(item),
});

// As the service writes it, near enough for names and options without blanks in them.
const yamlOf = (draft) => {
  const plain = (value) => (typeof value === 'string' && !/^[\w./$(][\w .,;/+\-*=!?@$%&|(){}^~]*$/.test(value) ? JSON.stringify(value) : String(value));
  const lines = (indent, values) => Object.entries(values).map(([key, value]) => `${' '.repeat(indent)}${key}: ${Array.isArray(value) ? JSON.stringify(value) : plain(value)}`);
  const side = (name) => [`${name}:`, ...lines(2, {
    connector: draft[name].connector,
    ...Object.fromEntries(Object.entries(draft[name].options).map(([key, value]) => [key, key === 'api_key' && !String(value).startsWith('${') ? `\${file:secrets/${draft.integration}.${name}.${key}}` : value])),
  })];
  return [
    `integration: ${draft.integration}`, ...side('source'), ...side('destination'),
    ...(draft.schedule === 'manual' ? ['schedule: manual'] : ['schedule:', ...lines(2, draft.schedule)]), 'syncs:',
    ...draft.syncs.flatMap((sync) => [
      `  ${sync.name}:`, '    read:', ...lines(6, { stream: sync.read.stream, ...sync.read.options }),
      '    write:', ...lines(6, { object: sync.write.object, match: sync.write.match, ...(sync.write.on_delete ? { on_delete: sync.write.on_delete } : {}), ...sync.write.options }),
      ...lines(4, { ...(sync.filter ? { filter: sync.filter } : {}), ...(sync.preset ? { preset: sync.preset } : {}) }),
      ...(sync.fields?.length ? ['    fields:', ...sync.fields.map((field) => `      ${field.name}: ${plain(field.value)}`)] : []),
    ]), '',
  ].join('\n');
};

export async function startMock({ port = 0, dist, many = 0, runMs = 4000, tame = false } = {}) {
  const now = Date.now;
  const known = startingPoint(now(), many);
  const sessions = new Map();
  const streams = new Set();
  const timers = new Set();

  const tell = (name, event, data) => {
    for (const stream of streams) if (stream.name === name) stream.response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };

  const begin = (item, stage, options = {}) => {
    const started = now();
    const expected = stage === 'initial' ? 10 : stage === 'incremental' ? null : 12_040;
    const goal = expected ?? 120;
    item.running = { stage, started, holder: 'process 4242 on this host' };
    const progress = () => {
      const part = Math.min(1, (now() - started) / runMs);
      const read = Math.floor(goal * part);
      const rate = goal / (runMs / 1000);
      return { stage, sync: 'customers', started, read, delivered: stage === 'validate' ? 0 : Math.floor(read * 0.9), rate, expected, eta_seconds: expected ? (goal - read) / rate : null };
    };
    item.progress = progress;
    const timer = setInterval(() => {
      if (now() - started < runMs && !item.stopping) {
        tell(item.name, 'progress', progress());
        return;
      }
      clearInterval(timer);
      timers.delete(timer);
      const result = item.stopping ? 'interrupted' : item.errors.length ? 'errors' : 'done';
      item.running = null;
      item.stopping = false;
      if (options.retry || stage === 'incremental') item.errors = item.errors.filter((row) => !row.due);
      const rejected = item.errors.length;
      item.runs.unshift(runOf((item.runs[0]?.id ?? 0) + 1, stage, started, (now() - started) / 1000, result,
        stage === 'validate' ? { read: goal, valid: goal - rejected, rejected } : { read: goal, delivered: goal - rejected, rejected }));
      if (result !== 'interrupted' && item.state !== 'paused') {
        const gate = stage === 'validate' && item.errors.length > 0;
        if (!gate && ORDER.indexOf(stage) === AFTER[item.state]) item.state = ['validated', 'sampled', 'active', 'active'][AFTER[item.state]];
        if (item.state === 'active') item.next_run = now() + 21_600_000;
      }
      tell(item.name, 'ended', { stage, result, message: '' });
    }, Math.min(250, runMs / 8));
    timers.add(timer);
  };

  const who = (request) => {
    const cookie = /sluice_session=([0-9a-f]+)/.exec(request.headers.cookie ?? '');
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '');
    const role = cookie ? sessions.get(cookie[1]) : bearer ? ROLES[bearer[1]] : undefined;
    if (!role) throw new Refusal(401, 'unauthorized', 'sign in with a token: `sluice serve token add NAME` makes one');
    return { name: `${role}-1`, role, expires: now() + 43_200_000, version: '0.1.0' };
  };

  const chosen = (rows, query) => rows.filter((row) =>
    ['sync', 'stage', 'code', 'field', 'message', 'key'].every((name) => !query.has(name) || row[name] === query.get(name)) &&
    (!query.get('q') || `${row.key}\n${row.field}\n${row.message}`.toLowerCase().includes(query.get('q').toLowerCase())));

  const picked = (choice) => (row) =>
    ['sync', 'stage', 'code', 'field', 'message'].every((name) => choice[name] === undefined || row[name] === choice[name]) &&
    (!choice.keys || choice.keys.includes(row.key));

  const decide = (item, action, choice) => {
    const parts = ['sync', 'stage', 'code', 'field', 'message', 'keys'].filter((name) => choice[name] !== undefined);
    if ((parts.length === 0) !== (choice.all === true)) throw new Refusal(422, 'invalid', 'say which errors, or "all": true, not both');
    const fits = picked(choice);
    let affected = 0;
    if (action === 'ignore') {
      const moved = item.errors.filter(fits);
      affected = moved.length;
      item.errors = item.errors.filter((row) => !fits(row));
      item.ignored.push(...moved.map((row) => ({ ...row, decided_by: 'operator-1', decided_why: choice.why ?? '', decided_at: now() })));
    } else {
      const back = item.ignored.filter(fits);
      item.ignored = item.ignored.filter((row) => !fits(row));
      item.errors.push(...back);
      for (const row of item.errors.filter(fits)) {
        row.due = true;
        affected += 1;
      }
    }
    item.decisions.unshift({ at: now(), who: 'operator-1', action, detail: `${affected} errors: ${choice.why ?? ''}`, affected });
    return { done: true, affected };
  };

  const forOne = {
    'GET ': (item) => definitionOf(item),
    'GET status': (item) => statusOf(item, now()),
    'GET file': (item) => ({ raw: fileOf(item), type: 'application/yaml' }),
    'POST diff': (item, _query, { text }) => {
      const changed = text !== fileOf(item);
      const unknown = /feilds/.test(text);
      return {
        ok: !unknown,
        diagnostics: unknown ? [`${item.file}:14:5: error: unknown key "feilds" (did you mean "fields"?)`] : [],
        diff: changed ? `--- ${item.file}\n+++ ${item.file}\n@@ -12,3 +12,3 @@\n \n-schedule: {every: 6h}\n+schedule: {every: 1h}\n \n` : '',
      };
    },
    'POST check': (item) => ({
      ok: true, source: { account_id: 'acme-test', title: item.source.title }, destination: { account_id: 'acme', title: item.destination.title }, diagnostics: [],
      fields: [{ name: 'Renewal date', status: 'missing', message: 'would be created as date', sync: 'customers' }],
    }),
    'GET runs': (item, query) => {
      const before = Number(query.get('before') ?? Infinity);
      const limit = Number(query.get('limit') ?? 50);
      const runs = item.runs.filter((run) => run.id < before);
      return { runs: runs.slice(0, limit), next: runs.length > limit ? runs[limit - 1].id : null };
    },
    'POST runs': (item, _query, choice) => {
      if (item.running) throw new Refusal(409, 'busy', `${item.running.holder} runs ${item.running.stage}: wait for it, or stop it`);
      if (item.state === 'paused') throw new Refusal(409, 'refused', `"${item.name}" is paused: resume it first`);
      const stage = choice.stage === 'next' ? nextStage(item) : choice.stage;
      if (ORDER.indexOf(stage) > AFTER[item.state] && !choice.force)
        throw new Refusal(409, 'refused', `"${stage}" comes after "${nextStage(item)}": run that first`, { gate: true });
      begin(item, stage, choice);
      return { status: 202, json: { stage, state: 'started' } };
    },
    'POST stop': (item) => {
      if (!item.running) throw new Refusal(409, 'refused', 'no run is under way');
      item.stopping = true;
      return { status: 202 };
    },
    'GET plan': (item) => item.plan,
    'POST plan': (item) => {
      item.plan = { state: 'running', started: now() };
      const timer = setTimeout(() => {
        timers.delete(timer);
        item.plan = { state: 'done', started: item.plan.started, ended: now(), plan: { ...plan, integration: item.name, state: item.state } };
      }, runMs / 4);
      timers.add(timer);
      return { status: 202, json: item.plan };
    },
    'POST pause': (item, _query, { why }) => {
      item.paused_from = item.state;
      item.state = 'paused';
      item.next_run = null;
      if (item.running) item.stopping = true;
      item.decisions.unshift({ at: now(), who: 'operator-1', action: 'pause', detail: why ?? '', affected: 0 });
      return { done: true, affected: 0 };
    },
    'POST resume': (item, _query, { why }) => {
      item.state = item.paused_from ?? item.state;
      delete item.paused_from;
      if (item.state === 'active') item.next_run = now() + 21_600_000;
      item.decisions.unshift({ at: now(), who: 'operator-1', action: 'resume', detail: why ?? '', affected: 0 });
      return { done: true, affected: 0 };
    },
    'POST unlink': (item, _query, { confirm, why }) => {
      if (confirm !== item.name) throw new Refusal(422, 'invalid', `type the name "${item.name}" to unlink it`, { errors: [{ pointer: '/confirm', detail: 'is another name' }] });
      // What people decided is kept, and that it was linked once.
      Object.assign(item, { state: 'unlinked', runs: [], errors: [], ignored: [], next_run: null, running: null });
      item.decisions.unshift({ at: now(), who: 'operator-1', action: 'unlink', detail: why ?? '', affected: 0 });
      return { integration: item.name, archive: `.unlinked/${item.name}-2026-11-26` };
    },
    'GET record': (item, query) => {
      const key = query.get('key') ?? 'CKopK87bEDN5eR7c';
      const row = [...item.errors, ...item.ignored].find((each) => each.key === key);
      if (!row && query.get('key') === 'nobody') throw new Refusal(404, 'not_found', 'no record with the key "nobody" has been read; keys are the source\'s, not the destination\'s');
      const text = (ms) => new Date(ms).toISOString().replace('T', ' ').replace(/\..*/, ' UTC');
      const shown = structuredClone(record);
      delete shown.error;
      if (!tame) {
        shown.values[4].value = hostile.script;
        shown.values[5].value = hostile.unbroken;
      }
      if (query.get('offline') === 'true') {
        delete shown.source;
        delete shown.values;
      }
      if (row) {
        shown.error = {
          state: item.errors.includes(row) ? 'open' : 'ignored', stage: row.stage, code: row.code, message: row.message, field: row.field,
          first_seen: text(row.first_seen), last_seen: text(row.last_seen), attempts: row.attempts,
        };
      } else {
        Object.assign(shown, { delivered: { email: 'giorgos@kunden.example', firstName: 'Γιώργος', tags: ['churned'] }, delivered_at: '2026-11-26 09:12:01 UTC', remote_id: '311' });
      }
      return { key, syncs: { customers: shown } };
    },
    'GET errors': (item, query) => {
      const rows = chosen(query.get('state') === 'ignored' ? item.ignored : item.errors, query);
      const from = Number(query.get('after') ?? 0);
      const limit = Number(query.get('limit') ?? 50);
      return { count: rows.length, errors: rows.slice(from, from + limit).map(({ due, ...row }) => row), next: from + limit < rows.length ? String(from + limit) : null };
    },
    'GET errors/causes': (item, query) => {
      const rows = chosen(query.get('state') === 'ignored' ? item.ignored : item.errors, query);
      return { count: rows.length, causes: causesOf(rows) };
    },
    'GET errors.csv': (item, query) => ({
      raw: `sync,key,stage,code,field,message\r\n${chosen(item.errors, query).map((row) => `"${row.key}"`).join('\r\n')}\r\n`,
      type: 'text/csv; charset=utf-8', headers: { 'Content-Disposition': `attachment; filename="${item.name}-errors.csv"` },
    }),
    'POST errors/ignore': (item, _query, choice) => decide(item, 'ignore', choice),
    'POST errors/retry': (item, _query, choice) => decide(item, 'retry', choice),
  };

  const optionErrors = (side, where) => {
    const connector = connectors.connectors.find((each) => each.id === side.connector);
    if (!connector) throw new Refusal(422, 'invalid', `there is no connector "${side.connector}"`, { errors: [{ pointer: `${where}/connector`, detail: 'is not installed' }] });
    const missing = (connector.config.required ?? []).filter((name) => side.options[name] === undefined || side.options[name] === '');
    if (missing.length)
      throw new Refusal(422, 'invalid', `${missing.join(', ')}: required`, { errors: missing.map((name) => ({ pointer: `${where}/options/${name}`, detail: 'is required' })) });
    if (side.options.api_key === 'wrong') throw new Refusal(502, 'connect', `${connector.title} refuses the API key (HTTP 401): make a new one there`);
    return connector;
  };

  const forAll = {
    'GET integrations': (query) => {
      const wanted = (query.get('q') ?? '').toLowerCase();
      const fitting = [...known.items.values()].filter((item) => `${item.name} ${item.file}`.toLowerCase().includes(wanted)).sort((a, b) => (a.name < b.name ? -1 : 1));
      const limit = Number(query.get('limit') ?? 200);
      const page = fitting.filter((item) => item.name > (query.get('after') ?? '')).slice(0, limit);
      const more = page.length === limit && page.at(-1) !== fitting.at(-1);
      return { integrations: page.map(overviewOf), problems: known.problems, total: fitting.length, next: more ? page.at(-1).name : null };
    },
    'GET connectors': () => connectors,
    'GET wizard/presets': () => ({ presets }),
    'POST wizard/check': (_query, side) => {
      const connector = optionErrors(side, '');
      return { account_id: 'acme-test', title: `${connector.title} acme-test` };
    },
    'POST wizard/discover': (_query, side) => {
      optionErrors(side, '');
      if (side.role === 'source') return discovery.source;
      const found = structuredClone(discovery.destination);
      found.objects[0].options.properties.list.examples = ['Customers', 'Newsletter', hostile.script, hostile.rightToLeft];
      return found;
    },
    'POST wizard/render': (_query, draft) => {
      optionErrors(draft.source, '/source');
      optionErrors(draft.destination, '/destination');
      const exists = known.items.has(draft.integration);
      const text = yamlOf(draft);
      return {
        file: `${draft.integration}.yaml`, text, ok: true, diagnostics: [], exists,
        ...(exists ? { diff: `--- ${draft.integration}.yaml\n+++ ${draft.integration}.yaml\n@@ -1,1 +1,1 @@\n-schedule: {every: 6h}\n+schedule: "manual"\n` } : {}),
        secrets: ['source', 'destination'].filter((side) => draft[side].options.api_key && !String(draft[side].options.api_key).startsWith('${')).map((side) => `secrets/${draft.integration}.${side}.api_key`),
      };
    },
    'POST wizard/files': (_query, draft) => {
      if (known.items.has(draft.integration)) throw new Refusal(409, 'exists', `${draft.integration}.yaml is there already: choose another name, or apply the change by hand`, { diff: '-a\n+b\n' });
      known.items.set(draft.integration, {
        name: draft.integration, file: `${draft.integration}.yaml`, state: 'new', schedule: 'every 6h', next_run: null, runs: [], errors: [], ignored: [], decisions: [], running: null,
        plan: { state: 'none' }, source: { connector: draft.source.connector, title: draft.source.connector }, destination: { connector: draft.destination.connector, title: draft.destination.connector },
      });
      return { status: 201, json: { integration: draft.integration, file: `${draft.integration}.yaml` } };
    },
  };

  const respond = (response, status, type, content, headers = {}) => {
    response.writeHead(status, { 'Content-Type': type, 'Content-Security-Policy': policy, 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer', 'Cache-Control': 'no-store', ...headers });
    response.end(content);
  };

  const answer = async (request, response) => {
    const url = new URL(request.url, 'http://mock');
    const path = decodeURI(url.pathname);
    if (path === '/_mock/expire') {
      sessions.clear();
      return respond(response, 204, 'text/plain', '');
    }
    if (!path.startsWith('/api/v1/')) {
      const file = join(dist ?? '/nowhere', normalize(path === '/' ? '/index.html' : path));
      if (!dist || !statSync(file, { throwIfNoEntry: false })?.isFile()) return respond(response, 404, 'text/plain', 'there is no such file\n');
      return respond(response, 200, TYPES[extname(file)] ?? 'application/octet-stream', readFileSync(file));
    }
    const rest = path.slice('/api/v1/'.length);
    if (request.method !== 'GET' && request.headers['sluice-request'] !== '1') throw new Refusal(403, 'foreign_request', 'the header Sluice-Request is missing');
    const sent = request.method === 'POST' ? await body(request) : {};
    if (rest === 'session' && request.method === 'POST') {
      const role = ROLES[sent.token];
      if (!role) throw new Refusal(401, 'unauthorized', 'this token is unknown or has expired');
      const id = randomBytes(16).toString('hex');
      sessions.set(id, role);
      return respond(response, 200, 'application/json', JSON.stringify({ name: `${role}-1`, role, expires: now() + 43_200_000, version: '0.1.0' }), { 'Set-Cookie': `sluice_session=${id}; HttpOnly; SameSite=Strict; Path=/` });
    }
    const session = who(request);
    if (rest === 'session' && request.method === 'DELETE') {
      sessions.delete(/sluice_session=([0-9a-f]+)/.exec(request.headers.cookie)?.[1]);
      return respond(response, 204, 'text/plain', '', { 'Set-Cookie': 'sluice_session=; Max-Age=0; Path=/' });
    }
    if (rest === 'session') return respond(response, 200, 'application/json', JSON.stringify(session));
    if (request.method !== 'GET' && session.role !== 'operator') throw new Refusal(403, 'forbidden', 'this token may only read: ask for one with the role operator');
    let result;
    const match = /^integrations\/([^/]+)(?:\/(.*))?$/.exec(rest);
    if (match) {
      const item = known.items.get(match[1]);
      if (!item) throw new Refusal(404, 'not_found', `there is no integration "${match[1]}"`);
      if (match[2] === 'progress') {
        response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
        const stream = { name: item.name, response };
        streams.add(stream);
        response.on('close', () => streams.delete(stream));
        response.write(item.running ? `event: progress\ndata: ${JSON.stringify(item.progress())}\n\n` : 'event: idle\ndata: {}\n\n');
        return;
      }
      const handler = forOne[`${request.method} ${match[2] ?? ''}`];
      if (!handler) throw new Refusal(404, 'not_found', `there is no ${path}`);
      result = handler(item, url.searchParams, sent);
    } else {
      const handler = forAll[`${request.method} ${rest}`];
      if (!handler) throw new Refusal(404, 'not_found', `there is no ${path}`);
      result = handler(url.searchParams, sent);
    }
    if (result.raw !== undefined) return respond(response, 200, result.type, result.raw, result.headers);
    if (result.status !== undefined) return respond(response, result.status, result.json ? 'application/json' : 'text/plain', result.json ? JSON.stringify(result.json) : '');
    return respond(response, 200, 'application/json', JSON.stringify(result));
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      const problem = error instanceof Refusal ? error.problem : { type: 'about:blank', title: 'Internal Server Error', status: 500, code: 'internal', detail: String(error.stack ?? error) };
      respond(response, problem.status, 'application/problem+json', JSON.stringify(problem));
    });
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    expire: () => sessions.clear(),
    items: known.items,
    problems: known.problems,
    close: () => {
      for (const timer of timers) clearInterval(timer);
      for (const stream of streams) stream.response.end();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
