// The new integration that the wizard puts together.
import type { Connector, Draft, OptionSchema, OptionsSchema, Preset } from '../api/types';

export type Values = Record<string, unknown>;

export interface WizardState {
  source: { connector: string; options: Values };
  destination: { connector: string; options: Values };
  stream: string;
  readOptions: Values;
  object: string;
  match: string;
  onDelete: string;
  writeOptions: Values;
  preset: string;
  fields: { name: string; value: string }[];
  filter: string;
  name: string;
  schedule: 'every' | 'cron' | 'manual';
  every: string;
  cron: string;
  timezone: string;
}

export const EMPTY: WizardState = {
  source: { connector: '', options: {} }, destination: { connector: '', options: {} },
  stream: '', readOptions: {}, object: '', match: '', onDelete: '', writeOptions: {}, preset: '', fields: [], filter: '', name: '',
  schedule: 'every', every: '6h', cron: '0 */6 * * *', timezone: 'UTC',
};

// What a person typed, as the option's type wants it; undefined: left out.
export function typedValue(schema: OptionSchema, text: string): unknown {
  if (text === '') return undefined;
  // A reference such as ${NAME} is resolved by the service.
  if (text.includes('${')) return text;
  if (schema.type === 'integer' || schema.type === 'number') {
    const value = Number(text);
    return Number.isFinite(value) && (schema.type === 'number' || Number.isInteger(value)) ? value : text;
  }
  if (schema.type === 'array') return text.split(',').map((part) => part.trim()).filter((part) => part !== '');
  return text;
}

// What is wrong with a value before the service is asked; nothing when it may be fine.
export function faultOf(schema: OptionSchema, value: unknown, required: boolean): string | undefined {
  if (value === undefined || value === '') return required ? 'is required' : undefined;
  if (typeof value === 'string' && value.includes('${')) return undefined;
  if ((schema.type === 'integer' || schema.type === 'number') && typeof value !== 'number') return schema.type === 'integer' ? 'must be a whole number' : 'must be a number';
  if (typeof value === 'number' && schema.minimum !== undefined && value < schema.minimum) return `must be at least ${schema.minimum}`;
  if (typeof value === 'number' && schema.maximum !== undefined && value > schema.maximum) return `must be at most ${schema.maximum}`;
  if (schema.enum && !schema.enum.includes(value)) return `must be one of ${schema.enum.join(', ')}`;
  return undefined;
}

export function faultsOf(schema: OptionsSchema, values: Values): Record<string, string> {
  const faults: Record<string, string> = {};
  for (const [name, option] of Object.entries(schema.properties ?? {})) {
    const fault = faultOf(option, values[name], schema.required?.includes(name) ?? false);
    if (fault) faults[name] = fault;
  }
  return faults;
}

// Options that differ from their defaults: a file says only what matters.
export function chosen(values: Values, schema: OptionsSchema | undefined): Values {
  const out: Values = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === '') continue;
    if (JSON.stringify(schema?.properties?.[name]?.default) === JSON.stringify(value)) continue;
    out[name] = value;
  }
  return out;
}

export function nameFor(source: string, destination: string): string {
  return `${source}-to-${destination}`.toLowerCase().replace(/[^a-z0-9_.-]+/g, '-').slice(0, 100);
}

export function nameFault(name: string): string | undefined {
  if (name === '') return 'is required';
  return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(name) ? undefined : 'letters, digits, “-”, “_” and “.” only, a letter or digit first, at most 100';
}

// The preset made for this pair, if there is one.
export function presetFor(presets: Preset[], source: string, destination: string): string {
  return presets.find((preset) => preset.name.includes(source) && preset.name.includes(destination))?.name ?? '';
}

export function draftOf(state: WizardState, connectors: Connector[], read?: OptionsSchema, write?: OptionsSchema): Draft {
  const config = (id: string) => connectors.find((connector) => connector.id === id)?.config as OptionsSchema | undefined;
  const side = (part: WizardState['source']) => ({ connector: part.connector, options: chosen(part.options, config(part.connector)) });
  const fields = state.fields.filter((field) => field.name.trim() !== '' && field.value.trim() !== '');
  return {
    integration: state.name,
    source: side(state.source),
    destination: side(state.destination),
    schedule: state.schedule === 'manual' ? 'manual' : state.schedule === 'every' ? { every: state.every } : { cron: state.cron, timezone: state.timezone },
    syncs: [
      {
        name: state.stream,
        read: { stream: state.stream, options: chosen(state.readOptions, read) },
        write: {
          object: state.object, match: state.match, ...(state.onDelete && state.onDelete !== 'keep' ? { on_delete: state.onDelete } : {}),
          options: chosen(state.writeOptions, write),
        },
        ...(state.preset ? { preset: state.preset } : {}),
        ...(state.filter.trim() ? { filter: state.filter.trim() } : {}),
        ...(fields.length > 0 ? { fields } : {}),
      },
    ],
  };
}

// Paths of a record, from its JSON Schema, as expressions: ".customer.email".
export function pathsOf(schema: unknown, prefix = '', depth = 0): string[] {
  if (depth > 4 || typeof schema !== 'object' || schema === null) return [];
  const properties = (schema as { properties?: Record<string, unknown> }).properties ?? {};
  const out: string[] = [];
  for (const [name, property] of Object.entries(properties)) {
    const path = `${prefix}.${/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : JSON.stringify(name)}`;
    const below = pathsOf(property, path, depth + 1);
    out.push(...(below.length > 0 ? below : [path]));
  }
  return out;
}
