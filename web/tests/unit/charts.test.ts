import { expect, it } from 'vitest';
import { barsOf, roundedUp } from '../../src/ui/charts';
import type { Run } from '../../src/api/types';

it.each([[0, 4], [3, 4], [5, 5], [6, 10], [101, 200], [250, 400], [450, 500], [999, 1000], [12_040, 20_000]])('an axis for %d ends at %d', (most, end) => expect(roundedUp(most)).toBe(end));

it('a bar holds every record that was read', () => {
  const sync = { sync: 's', read: 10, delivered: 4, unchanged: 3, deleted: 1, filtered: 1, superseded: 0, stale: 0, pending: 0, rejected: 1 };
  const run = { id: 1, stage: 'full', started: 0, ended: 1, result: 'done', summary: { syncs: [sync, sync] } } as Run;
  expect(barsOf([run])).toEqual([{ run, delivered: 8, unchanged: 6, rejected: 2, other: 4 }]);
  expect(barsOf([{ ...run, summary: {} }])[0]).toMatchObject({ delivered: 0, other: 0 });
});
