import { describe, expect, it } from 'vitest';
import { EMPTY, chosen, draftOf, faultOf, faultsOf, nameFault, nameFor, pathsOf, presetFor, typedValue } from '../../src/lib/draft';
import type { Connector } from '../../src/api/types';

const whole = { type: 'integer', minimum: 0, maximum: 10, default: 5 };

describe('what a person types', () => {
  it('becomes what the option takes', () => {
    expect(typedValue(whole, '7')).toBe(7);
    expect(typedValue(whole, '')).toBeUndefined();
    expect(typedValue(whole, '${LIMIT}')).toBe('${LIMIT}');
    expect(typedValue({ type: 'string' }, '0123')).toBe('0123');
    expect(typedValue({ type: 'array' }, 'a, b,')).toEqual(['a', 'b']);
  });
  it('is told when it cannot be', () => {
    expect(faultOf(whole, typedValue(whole, '1.5'), false)).toBe('must be a whole number');
    expect(faultOf(whole, -1, false)).toBe('must be at least 0');
    expect(faultOf(whole, 11, false)).toBe('must be at most 10');
    expect(faultOf({ type: 'string' }, undefined, true)).toBe('is required');
    expect(faultOf({ enum: ['a', 'b'] }, 'c', false)).toBe('must be one of a, b');
    expect(faultOf(whole, '${LIMIT}', true)).toBeUndefined();
    expect(faultsOf({ properties: { url: { type: 'string' }, key: {} }, required: ['url'] }, {})).toEqual({ url: 'is required' });
  });
});

describe('a draft', () => {
  it('leaves out defaults and empty lines', () => {
    const connectors = [{ id: 'a', title: 'A', version: '1', roles: ['source'], config: { properties: { rate: whole } } }] as unknown as Connector[];
    const draft = draftOf(
      { ...EMPTY, source: { connector: 'a', options: { rate: 5, site: 'x' } }, destination: { connector: 'b', options: {} }, stream: 'people', object: 'records', match: 'email', onDelete: 'keep', name: 'n', fields: [{ name: '', value: '' }, { name: 'email', value: '.email' }], schedule: 'cron' },
      connectors);
    expect(draft.source.options).toEqual({ site: 'x' });
    expect(draft.schedule).toEqual({ cron: '0 */6 * * *', timezone: 'UTC' });
    expect(draft.syncs).toEqual([{ name: 'people', read: { stream: 'people', options: {} }, write: { object: 'records', match: 'email', options: {} }, fields: [{ name: 'email', value: '.email' }] }]);
  });
  it('keeps values that only look like nothing', () => expect(chosen({ a: false, b: 0, c: '', d: undefined }, undefined)).toEqual({ a: false, b: 0 }));
  it('has a name that a file may have', () => {
    expect(nameFor('chargebee', 'activecampaign')).toBe('chargebee-to-activecampaign');
    expect(nameFault('chargebee-to-activecampaign')).toBeUndefined();
    expect(nameFault('../etc')).toBeDefined();
    expect(nameFault('-x')).toBeDefined();
    expect(nameFault('a'.repeat(101))).toBeDefined();
  });
  it('proposes the preset of the pair', () => {
    const presets = [{ name: 'chargebee-activecampaign', description: '', fields: [] }];
    expect(presetFor(presets, 'chargebee', 'activecampaign')).toBe('chargebee-activecampaign');
    expect(presetFor(presets, 'file', 'activecampaign')).toBe('');
  });
});

describe('paths of a record', () => {
  it('are expressions', () =>
    expect(pathsOf({ properties: { customer: { properties: { email: {}, 'a-b': {} } }, id: {} } })).toEqual(['.customer.email', '.customer."a-b"', '.id']));
});
