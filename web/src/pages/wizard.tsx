// A new integration, step by step: two connections that are tried, what is moved, the file that comes of it.
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import { ApiProblem, api, messageOf } from '../api/client';
import type { Account, Connector, ConnectorsAnswer, Discovery, OptionsSchema, Preset, Rendering } from '../api/types';
import { useMayChange } from '../app';
import { EMPTY, chosen, draftOf, faultsOf, nameFault, nameFor, pathsOf, presetFor, type Values, type WizardState } from '../lib/draft';
import { useLoad } from '../lib/load';
import { go, linkTo } from '../lib/route';
import { Badge, Button, Code, CopyButton, Diff, Empty, Foreign, FormField, Loading, Notice, Table } from '../ui/basics';
import { OptionsForm } from '../ui/options-form';

type Role = 'source' | 'destination';
const STEPS = ['Source', 'Destination', 'What is moved', 'Name and schedule', 'The file'] as const;

interface Tried { account: Account; found: Discovery; of: string }

function SideStep({ role, connectors, side, tried, onSide, onTried, onNext }: { role: Role; connectors: Connector[]; side: WizardState['source']; tried: Tried | undefined; onSide: (side: WizardState['source']) => void; onTried: (tried: Tried | undefined) => void; onNext: () => void }) {
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<string>();
  const able = connectors.filter((connector) => connector.roles.includes(role));
  const connector = able.find((each) => each.id === side.connector);
  const change = (next: WizardState['source']) => {
    onSide(next);
    onTried(undefined);
    setProblem(undefined);
    setFaults({});
  };
  const attempt = async () => {
    if (!connector) return;
    const schema = connector.config as OptionsSchema;
    const missing = faultsOf(schema, side.options);
    setFaults(missing);
    setProblem(undefined);
    if (Object.keys(missing).length > 0) {
      setProblem(`Please correct: ${Object.keys(missing).join(', ')}`);
      return;
    }
    const request = { connector: side.connector, role, options: chosen(side.options, schema) };
    try {
      const account = await api.post<Account>('wizard/check', request);
      const found = await api.post<Discovery>('wizard/discover', request);
      onTried({ account, found, of: JSON.stringify(side) });
    } catch (failure) {
      setProblem(messageOf(failure));
      if (failure instanceof ApiProblem) {
        const marked: Record<string, string> = {};
        for (const each of failure.problem.errors ?? []) {
          const name = /^(?:\/(?:source|destination))?\/options\/(.+)$/.exec(each.pointer)?.[1];
          if (name) marked[name] = each.detail;
        }
        setFaults(marked);
      }
    }
  };
  return (
    <form onSubmit={(event) => { event.preventDefault(); if (tried) onNext(); }}>
      <fieldset class="choices">
        <legend>Connector</legend>
        {able.map((each) => (
          <label key={each.id} class="choice"><input type="radio" name={role} checked={side.connector === each.id} onChange={() => change({ connector: each.id, options: {} })} /> <span>{each.title}<span class="sub">{each.id} {each.version}</span></span></label>
        ))}
      </fieldset>
      {connector && <OptionsForm key={connector.id} schema={connector.config as OptionsSchema} values={side.options} faults={faults} onChange={(options) => change({ ...side, options })} />}
      {problem && <Notice tone="bad"><Foreign text={problem} most={600} /></Notice>}
      {tried && <Notice tone="good">Connected: <Foreign text={tried.account.title} most={100} /></Notice>}
      <div class="actions">
        <Button kind={tried ? 'plain' : 'main'} disabled={!connector} onClick={attempt}>Try the connection</Button>
        <Button type="submit" kind="main" disabled={!tried}>Go on</Button>
      </div>
    </form>
  );
}

function Select({ label, hint, value, choices, onChange }: { label: string; hint?: string; value: string; choices: [string, string][]; onChange: (value: string) => void }) {
  return <FormField label={label} hint={hint}>{({ id, describedBy }) => <select id={id} aria-describedby={describedBy} value={value} onChange={(event) => onChange(event.currentTarget.value)}>{choices.map(([each, text]) => <option key={each} value={each}>{text}</option>)}</select>}</FormField>;
}

function MoveStep({ state, set, source, destination, presets, onBack, onNext }: { state: WizardState; set: (changes: Partial<WizardState>) => void; source: Discovery; destination: Discovery; presets: Preset[]; onBack: () => void; onNext: () => void }) {
  const [faults, setFaults] = useState<Record<string, string>>({});
  const paths = useId();
  const names = useId();
  const stream = source.streams.find((each) => each.name === state.stream);
  const object = destination.objects.find((each) => each.name === state.object);
  const known = useMemo(() => pathsOf(stream?.schema), [stream]);
  const preset = presets.find((each) => each.name === state.preset);
  const setField = (at: number, changes: Partial<{ name: string; value: string }>) => set({ fields: state.fields.map((field, i) => (i === at ? { ...field, ...changes } : field)) });
  const send = (event: Event) => {
    event.preventDefault();
    const found = { ...faultsOf((stream?.options ?? {}) as OptionsSchema, state.readOptions), ...faultsOf((object?.options ?? {}) as OptionsSchema, state.writeOptions) };
    if (!state.match.trim()) found['match'] = 'is required';
    if (!state.preset && state.fields.every((field) => !field.name.trim() || !field.value.trim())) found['fields'] = 'Choose a preset, or say at least one field.';
    setFaults(found);
    if (Object.keys(found).length === 0) onNext();
  };
  return (
    <form onSubmit={send}>
      <div class="pair">
        <div>
          <h3>Read</h3>
          <Select label="Stream" value={state.stream} choices={source.streams.map((each) => [each.name, each.name])} onChange={(value) => set({ stream: value, readOptions: {} })} />
          {stream?.options && <OptionsForm schema={stream.options as OptionsSchema} values={state.readOptions} faults={faults} onChange={(readOptions: Values) => set({ readOptions })} />}
        </div>
        <div>
          <h3>Write</h3>
          <Select label="Object" value={state.object} choices={destination.objects.map((each) => [each.name, each.name])} onChange={(value) => set({ object: value, match: destination.objects.find((each) => each.name === value)?.match[0] ?? '', writeOptions: {}, onDelete: '' })} />
          {(object?.match ?? []).length > 0 ? (
            <Select label="A record is found by" value={state.match} choices={(object?.match ?? []).map((each) => [each, each])} onChange={(match) => set({ match })} />
          ) : (
            <FormField label="A record is found by" hint="The field that tells one record from another, such as email." error={faults['match']} required>
              {({ id, describedBy, invalid }) => <input id={id} aria-describedby={describedBy} aria-invalid={invalid} required list={names} spellcheck={false} value={state.match} onInput={(event) => set({ match: event.currentTarget.value })} />}
            </FormField>
          )}
          <Select label="When it is deleted at the source" value={state.onDelete} choices={[['', 'keep it'], ...(object?.delete_actions ?? []).map((each): [string, string] => [each, each])]} onChange={(onDelete) => set({ onDelete })} />
          {object?.options && <OptionsForm schema={object.options as OptionsSchema} values={state.writeOptions} faults={faults} onChange={(writeOptions: Values) => set({ writeOptions })} />}
        </div>
      </div>
      <h3>Fields</h3>
      <Select label="Preset" hint="A ready-made set of fields. Fields below add to it, or replace one of the same name." value={state.preset} choices={[['', 'none'], ...presets.map((each): [string, string] => [each.name, `${each.name} (${each.fields.length} fields)`])]} onChange={(value) => set({ preset: value })} />
      {preset && (
        <details>
          <summary>Show the preset’s fields</summary>
          <Table label={`Fields of ${preset.name}`}>
            <thead><tr><th scope="col">Source</th><th scope="col">Destination</th></tr></thead>
            <tbody>{preset.fields.map((field) => <tr key={field.name}><td data-label="Source"><code>{field.value}</code></td><th scope="row">{field.name}</th></tr>)}</tbody>
          </Table>
        </details>
      )}
      <datalist id={paths}>{known.map((path) => <option key={path} value={path} />)}</datalist>
      <datalist id={names}>{(object?.fields ?? []).map((field) => <option key={field.name} value={field.name} />)}</datalist>
      {state.fields.map((field, i) => (
        <div class="field-row" key={i} role="group" aria-label={`Field ${i + 1}`}>
          <label>Source <input list={paths} spellcheck={false} placeholder=".customer.email" value={field.value} onInput={(event) => setField(i, { value: event.currentTarget.value })} /></label>
          <span class="arrow" aria-hidden="true">→</span>
          <label>Destination <input list={names} value={field.name} onInput={(event) => setField(i, { name: event.currentTarget.value })} /></label>
          <button type="button" class="icon" aria-label={`Remove field ${i + 1}`} onClick={() => set({ fields: state.fields.filter((_, each) => each !== i) })}>✕</button>
        </div>
      ))}
      {faults['fields'] && <p class="field-error" role="alert">{faults['fields']}</p>}
      <div class="actions"><Button onClick={() => set({ fields: [...state.fields, { name: '', value: '' }] })}>Add a field</Button></div>
      <FormField label="Filter" hint="An expression; records for which it is false are left out. Empty: all records.">
        {({ id, describedBy }) => <input id={id} aria-describedby={describedBy} spellcheck={false} value={state.filter} onInput={(event) => set({ filter: event.currentTarget.value })} />}
      </FormField>
      <div class="actions"><Button onClick={onBack}>Back</Button><Button type="submit" kind="main">Go on</Button></div>
    </form>
  );
}

function NameStep({ state, set, onBack, onNext }: { state: WizardState; set: (changes: Partial<WizardState>) => void; onBack: () => void; onNext: () => void }) {
  const [fault, setFault] = useState<string>();
  return (
    <form onSubmit={(event) => { event.preventDefault(); const wrong = nameFault(state.name); setFault(wrong); if (!wrong) onNext(); }}>
      <FormField label="Name" hint="State and history are kept under it: it cannot be changed later." error={fault} required>
        {({ id, describedBy, invalid }) => <input id={id} aria-describedby={describedBy} aria-invalid={invalid} required spellcheck={false} value={state.name} onInput={(event) => set({ name: event.currentTarget.value })} />}
      </FormField>
      <fieldset class="choices">
        <legend>Runs start</legend>
        {([['every', 'every so often'], ['cron', 'at fixed times'], ['manual', 'by hand only']] as const).map(([each, text]) => <label key={each} class="choice"><input type="radio" name="schedule" checked={state.schedule === each} onChange={() => set({ schedule: each })} /> <span>{text}</span></label>)}
      </fieldset>
      {state.schedule === 'every' && <FormField label="Every" hint="90s, 15m, 6h, 1d">{({ id, describedBy }) => <input id={id} aria-describedby={describedBy} value={state.every} onInput={(event) => set({ every: event.currentTarget.value })} />}</FormField>}
      {state.schedule === 'cron' && (
        <>
          <FormField label="Times (cron)" hint="Minute, hour, day of month, month, day of week: 0 */6 * * * is every six hours.">{({ id, describedBy }) => <input id={id} aria-describedby={describedBy} spellcheck={false} value={state.cron} onInput={(event) => set({ cron: event.currentTarget.value })} />}</FormField>
          <FormField label="Time zone" hint="UTC, or a name such as Europe/Berlin.">{({ id, describedBy }) => <input id={id} aria-describedby={describedBy} spellcheck={false} value={state.timezone} onInput={(event) => set({ timezone: event.currentTarget.value })} />}</FormField>
        </>
      )}
      <div class="actions"><Button onClick={onBack}>Back</Button><Button type="submit" kind="main">Show the file</Button></div>
    </form>
  );
}

function FileStep({ rendering, problem, onBack, onWrite }: { rendering: Rendering | undefined; problem: string | undefined; onBack: () => void; onWrite: () => Promise<void> }) {
  return (
    <>
      {problem && <Notice tone="bad"><Foreign text={problem} most={800} /></Notice>}
      {rendering ? (
        <>
          <p><code>{rendering.file}</code> <Badge tone={rendering.ok ? 'good' : 'bad'}>{rendering.ok ? 'The file is fine' : 'The file has errors'}</Badge></p>
          {rendering.diagnostics.length > 0 && <ul>{rendering.diagnostics.map((line) => <li key={line}><Foreign text={line} most={400} /></li>)}</ul>}
          {rendering.exists && <Notice tone="warn">A file of this name is there already, and existing files are never rewritten. Choose another name, or apply the diff by hand.</Notice>}
          {rendering.exists && rendering.diff ? <Diff text={rendering.diff} /> : <Code label="The new file" text={rendering.text} />}
          {(rendering.secrets ?? []).length > 0 && <p class="faint">Secrets go into {(rendering.secrets ?? []).map((file) => <code key={file}>{file} </code>)}, readable by the service alone.</p>}
        </>
      ) : !problem && <Loading />}
      <div class="actions">
        <Button onClick={onBack}>Back</Button>
        {rendering && <CopyButton text={rendering.exists && rendering.diff ? rendering.diff : rendering.text} what={rendering.exists ? 'the diff' : 'the file'} />}
        {rendering && !rendering.exists && <Button kind="main" disabled={!rendering.ok} onClick={onWrite}>Write the file</Button>}
      </div>
    </>
  );
}

export function WizardPage() {
  const mayChange = useMayChange();
  const connectors = useLoad<ConnectorsAnswer>('connectors');
  const presets = useLoad<{ presets: Preset[] }>('wizard/presets');
  const [step, setStep] = useState(0);
  const [state, setState] = useState<WizardState>(EMPTY);
  const [tried, setTried] = useState<Partial<Record<Role, Tried>>>({});
  const [rendering, setRendering] = useState<Rendering>();
  const [problem, setProblem] = useState<string>();
  const heading = useRef<HTMLHeadingElement>(null);
  const moved = useRef(false);
  const set = (changes: Partial<WizardState>) => setState((before) => ({ ...before, ...changes }));
  useEffect(() => { document.title = 'New integration · Sluice'; }, []);
  useEffect(() => {
    if (moved.current) heading.current?.focus();
    moved.current = true;
  }, [step]);

  if (!mayChange) return <Empty title="This needs a token that may change things" />;
  const failed = connectors.error ?? presets.error;
  if (failed) return <Notice tone="bad">{failed}</Notice>;
  if (!connectors.data || !presets.data) return <Loading />;

  const all = connectors.data.connectors;
  const stream = tried.source?.found.streams.find((each) => each.name === state.stream);
  const object = tried.destination?.found.objects.find((each) => each.name === state.object);
  const draft = () => draftOf(state, all, stream?.options as OptionsSchema | undefined, object?.options as OptionsSchema | undefined);
  const toMove = () => {
    const source = tried.source?.found.streams[0];
    const target = tried.destination?.found.objects[0];
    if (state.stream === '' || !stream) set({ stream: source?.name ?? '', readOptions: {} });
    if (state.object === '' || !object) set({ object: target?.name ?? '', match: target?.match[0] ?? '', writeOptions: {}, onDelete: '' });
    if (state.preset === '') set({ preset: presetFor(presets.data?.presets ?? [], state.source.connector, state.destination.connector) });
    if (state.name === '') set({ name: nameFor(state.source.connector, state.destination.connector) });
    setStep(2);
  };
  const toFile = async () => {
    setStep(4);
    setRendering(undefined);
    setProblem(undefined);
    try {
      setRendering(await api.post<Rendering>('wizard/render', draft()));
    } catch (failure) {
      setProblem(messageOf(failure));
    }
  };
  const write = async () => {
    setProblem(undefined);
    try {
      const written = await api.post<{ integration: string }>('wizard/files', draft());
      go(linkTo(['i', written.integration]));
    } catch (failure) {
      setProblem(messageOf(failure));
    }
  };

  return (
    <>
      <div class="page-head"><h1>New integration</h1></div>
      <ol class="wizard-steps" aria-label="Steps">
        {STEPS.map((text, i) => <li key={text} class={i < step ? 'done' : i === step ? 'current' : ''} aria-current={i === step ? 'step' : undefined}><span class="step-mark" aria-hidden="true">{i < step ? '✓' : i + 1}</span>{text}</li>)}
      </ol>
      <section class="card wizard" aria-labelledby="wizard-step">
        <h2 id="wizard-step" ref={heading} tabIndex={-1}>{STEPS[step]}</h2>
        {step === 0 && <SideStep key="source" role="source" connectors={all} side={state.source} tried={tried.source} onSide={(source) => set({ source })} onTried={(value) => setTried((before) => ({ ...before, source: value }))} onNext={() => setStep(1)} />}
        {step === 1 && (
          <>
            <SideStep key="destination" role="destination" connectors={all} side={state.destination} tried={tried.destination} onSide={(destination) => set({ destination })} onTried={(value) => setTried((before) => ({ ...before, destination: value }))} onNext={toMove} />
            <div class="actions"><Button onClick={() => setStep(0)}>Back</Button></div>
          </>
        )}
        {step === 2 && tried.source && tried.destination && <MoveStep state={state} set={set} source={tried.source.found} destination={tried.destination.found} presets={presets.data.presets} onBack={() => setStep(1)} onNext={() => setStep(3)} />}
        {step === 3 && <NameStep state={state} set={set} onBack={() => setStep(2)} onNext={() => void toFile()} />}
        {step === 4 && <FileStep rendering={rendering} problem={problem} onBack={() => setStep(3)} onWrite={write} />}
      </section>
    </>
  );
}
