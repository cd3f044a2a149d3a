// `npm run mock`: the mock service for work on the dashboard, on a port of its own.
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startMock } from './server.mjs';

const value = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const dist = resolve(value('dist', `${root}/dist`));
if (!existsSync(`${dist}/index.html`)) console.error('no built dashboard: only the API is served (`npm run build`, or `npm run dev` beside this)');
const mock = await startMock({ port: Number(value('port', 8090)), dist, many: Number(value('many', 0)) });
console.log(`${mock.url}  (tokens: "operator-token", "viewer-token")`);
