// A form for the options that a connector, stream or object declares.
import { useId, useState } from 'preact/hooks';
import type { OptionSchema, OptionsSchema } from '../api/types';
import { valueText } from '../lib/format';
import { typedValue, type Values } from '../lib/draft';
import { FormField } from './basics';

interface Props { schema: OptionsSchema; values: Values; faults: Record<string, string>; onChange: (values: Values) => void }

function Option({ name, schema, required, value, fault, onChange }: { name: string; schema: OptionSchema; required: boolean; value: unknown; fault: string | undefined; onChange: (value: unknown) => void }) {
  const choices = useId();
  const reference = schema.writeOnly ? 'A reference such as ${NAME} is resolved by the service. Typed in plain it goes into a file of its own, readable by the service alone. ' : '';
  const hint = `${reference}${schema.description ?? ''}`;
  if (schema.type === 'boolean') {
    const on = value ?? schema.default ?? false;
    return (
      <div class="field">
        <label class="check"><input type="checkbox" checked={on === true} onChange={(event) => onChange(event.currentTarget.checked)} /> {name}</label>
        <p class="hint">{hint}</p>
      </div>
    );
  }
  const examples = schema.examples ?? [];
  return (
    <FormField label={name} hint={hint} error={fault} required={required}>
      {({ id, describedBy, invalid }) => schema.enum ? (
        <select id={id} aria-describedby={describedBy} aria-invalid={invalid} value={String(value ?? schema.default ?? '')} onChange={(event) => onChange(event.currentTarget.value || undefined)}>
          {schema.default === undefined && <option value="">–</option>}
          {schema.enum.map((each) => <option key={String(each)} value={String(each)}>{String(each)}</option>)}
        </select>
      ) : (
        <>
          <input id={id} aria-describedby={describedBy} aria-invalid={invalid} required={required} spellcheck={false}
            type={schema.writeOnly ? 'password' : 'text'} autocomplete="off" inputMode={schema.type === 'integer' ? 'numeric' : undefined}
            list={examples.length > 0 && !schema.writeOnly ? choices : undefined}
            placeholder={schema.default !== undefined ? valueText(schema.default) : examples.length === 1 ? `such as ${valueText(examples[0])}` : examples.length > 1 ? 'choose one, or type' : ''}
            value={Array.isArray(value) ? value.join(', ') : value === undefined ? '' : String(value)}
            onInput={(event) => onChange(schema.type === 'array' ? event.currentTarget.value : typedValue(schema, event.currentTarget.value))}
            onChange={(event) => onChange(typedValue(schema, event.currentTarget.value))} />
          {examples.length > 0 && !schema.writeOnly && <datalist id={choices}>{examples.map((each) => <option key={String(each)} value={String(each)} />)}</datalist>}
        </>
      )}
    </FormField>
  );
}

// Options with a default come below, out of the way.
export function OptionsForm({ schema, values, faults, onChange }: Props) {
  const [open, setOpen] = useState(false);
  const all = Object.entries(schema.properties ?? {});
  const isMain = ([name, option]: [string, OptionSchema]) => (schema.required?.includes(name) ?? false) || option.writeOnly === true || (option.default === undefined && option.format === undefined && (option.examples?.length ?? 0) > 0 && !/proxy|base_url/.test(name));
  const main = all.filter(isMain);
  const others = all.filter((option) => !isMain(option));
  const show = ([name, option]: [string, OptionSchema]) => (
    <Option key={name} name={name} schema={option} required={schema.required?.includes(name) ?? false} value={values[name]} fault={faults[name]} onChange={(value) => onChange({ ...values, [name]: value })} />
  );
  return (
    <>
      {main.map(show)}
      {others.length > 0 && (
        <details open={open || others.some(([name]) => faults[name] !== undefined)} onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>{main.length > 0 ? 'More options' : 'Options'} ({others.length})</summary>
          {others.map(show)}
        </details>
      )}
    </>
  );
}
