import { describe, expect, it } from 'vitest';
import { ago, bytes, count, duration, plural, shorten, valueText } from '../../src/lib/format';

describe('times', () => {
  const now = Date.UTC(2026, 10, 26, 12);
  it.each([
    [0, 'just now'], [-30_000, '30 seconds ago'], [-90_000, '1 minute ago'], [-7_200_000, '2 hours ago'],
    [3_600_000, 'in 1 hour'], [-86_400_000, 'yesterday'], [-40 * 86_400_000, 'last month'],
  ])('%d ms is %s', (difference, text) => expect(ago(now + difference, now)).toBe(text));
  it.each([[0.0004, '1 ms'], [0.279, '279 ms'], [1.85, '1.9 s'], [59, '59 s'], [90, '2 min'], [3600, '1 h'], [5400, '1 h 30 min'], [260_000, '3 days']])(
    '%d s take %s', (seconds, text) => expect(duration(seconds)).toBe(text));
});

describe('numbers', () => {
  it('are grouped, with the right word', () => {
    expect(count(12_040)).toBe('12,040');
    expect(plural(1, 'error')).toBe('1 error');
    expect(plural(0, 'try', 'tries')).toBe('0 tries');
    expect(bytes(17_735_680)).toBe('17 MiB');
    expect(bytes(1023)).toBe('1023 B');
  });
});

describe('text of others', () => {
  it('is cut between characters as people see them', () => {
    const family = '👩‍👩‍👧‍👦';
    expect(shorten(family.repeat(5), 4)).toBe(`${family.repeat(3)}…`);
    expect(shorten(family.repeat(4), 4)).toBe(family.repeat(4));
    expect(shorten(`a${'\u0301'.repeat(10_000)}`, 10)).toHaveLength(321);
    expect(shorten('short', 5)).toBe('short');
    expect(shorten('x'.repeat(10_000), 10)).toBe(`${'x'.repeat(9)}…`);
  });
  it('is one line whatever the value is', () => {
    expect(valueText(null)).toBe('–');
    expect(valueText('')).toBe('(empty)');
    expect(valueText(0)).toBe('0');
    expect(valueText(['a', 1])).toBe('a, 1');
    expect(valueText([])).toBe('(none)');
    expect(valueText({ a: 1 })).toBe('{"a":1}');
  });
});
