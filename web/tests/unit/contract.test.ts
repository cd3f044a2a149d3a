// The mock answers as the contract says; and the check of that finds what is wrong.
import { afterAll, beforeAll, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript
import { startMock } from '../../mock/server.mjs';
// @ts-expect-error plain JavaScript
import { checkAll, faults } from '../contract.mjs';

let mock: { url: string; close: () => Promise<void> };
beforeAll(async () => { mock = await startMock({}); });
afterAll(() => mock.close());

it('the mock answers as the contract says', async () => {
  const { asked, integrations, found } = await checkAll(mock.url, 'operator-token');
  expect(found).toEqual([]);
  expect(integrations).toBe(5);
  expect(asked).toBeGreaterThan(40);
});

it('other answers are found', () => {
  const good = { name: 'n', role: 'viewer', version: '1' };
  expect(faults('/api/v1/session', 'get', 200, 'application/json', good)).toEqual([]);
  expect(faults('/api/v1/session', 'get', 200, 'application/json', { ...good, role: 'admin' })).toHaveLength(1);
  expect(faults('/api/v1/session', 'get', 200, 'application/json', { name: 'n', role: 'viewer' })).toHaveLength(1);
  expect(faults('/api/v1/session', 'get', 200, 'text/html', undefined)).toHaveLength(1);
  expect(faults('/api/v1/session', 'get', 418, 'application/json', good)).toHaveLength(1);
  expect(faults('/api/v1/nothing', 'get', 200, 'application/json', good)).toHaveLength(1);
  expect(faults('/api/v1/session', 'get', 401, 'application/problem+json', { detail: 'x' }).length).toBeGreaterThan(0);
});
