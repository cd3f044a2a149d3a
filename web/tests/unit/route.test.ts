import { describe, expect, it } from 'vitest';
import { linkTo, parseRoute } from '../../src/lib/route';

describe('addresses', () => {
  it.each(['cust_1', 'a/b?c#d&e=f%2F', '<script>alert(1)</script>', '\u202eשלום', '👩‍👩‍👧‍👦', ' + ', '%'])('carry the key %s unchanged', (key) => {
    const route = parseRoute(linkTo(['i', 'name', 'record'], { key }));
    expect(route.path).toEqual(['i', 'name', 'record']);
    expect(route.query.get('key')).toBe(key);
  });
  it('leave out what is empty', () => expect(linkTo(['i', 'n', 'errors'], { q: '', code: undefined })).toBe('#/i/n/errors'));
  it('stand wrong escapes', () => expect(parseRoute('#/i/%E0%A4%A').path).toEqual(['i', '%E0%A4%A']));
  it('name the overview when there is nothing', () => expect(parseRoute('').path).toEqual([]));
});
