// Asks a running service for everything that can be read, and holds each answer against host/serve/openapi.yaml.
//
//   node tests/contract.mjs http://127.0.0.1:8080/ TOKEN
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv/dist/2020.js';
import { parse } from 'yaml';

const contract = parse(readFileSync(new URL('../../host/serve/openapi.yaml', import.meta.url), 'utf8'));
const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addSchema(contract, 'contract');

const at = (...path) => `contract#/${path.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;

// What is wrong with an answer, as lines; none when it is as the contract says.
export function faults(path, method, status, type, json) {
  const operation = contract.paths[path]?.[method];
  if (!operation) return [`${method} ${path} is not in the contract`];
  let response = operation.responses[String(status)];
  if (!response) return [`${method} ${path}: ${status} is not in the contract`];
  let where = ['paths', path, method, 'responses', String(status)];
  if (response.$ref) {
    where = response.$ref.slice(2).split('/');
    response = contract.components.responses[where.at(-1)];
  }
  if (!response.content) return json === undefined ? [] : [`${method} ${path}: ${status} has no body in the contract`];
  const media = Object.keys(response.content).find((each) => (type ?? '').startsWith(each));
  if (!media) return [`${method} ${path}: ${status} is ${type}, not ${Object.keys(response.content)}`];
  if (!media.includes('json')) return [];
  const validate = ajv.getSchema(at(...where, 'content', media, 'schema'));
  if (validate(json)) return [];
  return validate.errors.map((error) => `${method} ${path} ${status}: ${error.instancePath || '/'} ${error.message} ${JSON.stringify(error.params)}`);
}

export async function read(base, token, path, query = '', parameters = {}) {
  const url = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(parameters[name]));
  const response = await fetch(new URL(url.slice(1) + query, base), { headers: token ? { Authorization: `Bearer ${token}` } : {} });
  const type = response.headers.get('Content-Type');
  const json = type?.includes('json') ? await response.json() : void (await response.text());
  return { status: response.status, json, faults: faults(path, 'get', response.status, type, json) };
}

export async function checkAll(base, token) {
  const found = [];
  let asked = 0;
  const ask = async (path, query, parameters, wanted = 200, as = token) => {
    asked += 1;
    const answer = await read(base, as, path, query, parameters);
    found.push(...answer.faults);
    if (answer.status !== wanted) found.push(`get ${path}${query ?? ''}: ${answer.status} instead of ${wanted}`);
    return answer.json;
  };
  await ask('/api/v1/session');
  await ask('/api/v1/session', '', {}, 401, '');
  await ask('/api/v1/connectors');
  await ask('/api/v1/wizard/presets');
  await ask('/api/v1/integrations', '', {}, 401, '');
  const { integrations } = await ask('/api/v1/integrations', '?limit=20');
  await ask('/api/v1/integrations/{name}', '', { name: 'there-is-none' }, 404);
  for (const { integration: name } of integrations) {
    for (const rest of ['', '/status', '/file', '/runs', '/plan', '/errors', '/errors/causes', '/errors.csv'])
      await ask(`/api/v1/integrations/{name}${rest}`, '', { name });
    const { errors } = await ask('/api/v1/integrations/{name}/errors', '?state=ignored&limit=1', { name });
    for (const { key } of errors) await ask('/api/v1/integrations/{name}/record', `?offline=true&key=${encodeURIComponent(key)}`, { name });
  }
  return { asked, integrations: integrations.length, found };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [base, token] = process.argv.slice(2);
  if (!base || !token) {
    console.error('usage: contract.mjs URL TOKEN');
    process.exit(2);
  }
  const { asked, integrations, found } = await checkAll(base, token);
  for (const fault of found) console.error(fault);
  console.log(`${asked} answers about ${integrations} integrations: ${found.length ? `${found.length} faults` : 'all as the contract says'}`);
  process.exit(found.length || !integrations ? 1 : 0);
}
