// What becomes of a record: source → destination, with the values of one record, rules, filter, checks.
import { useState } from 'preact/hooks';
import { ofIntegration } from '../api/client';
import type { Definition, RecordAnswer, SyncView } from '../api/types';
import { valueText } from '../lib/format';
import { useLoad } from '../lib/load';
import { linkTo } from '../lib/route';
import { Badge, Button, Card, Fact, Facts, Foreign, Loading, Notice, Table } from '../ui/basics';

function Options({ options }: { options: Record<string, unknown> | undefined }) {
  return <>{Object.entries(options ?? {}).map(([name, value]) => <Fact key={name} name={name}><Foreign text={valueText(value)} /></Fact>)}</>;
}

function Sync({ name, sync, sample, sampleKey, wanted, onSample }: { name: string; sync: SyncView; sample: RecordAnswer | undefined; sampleKey: string | undefined; wanted: boolean; onSample: () => void }) {
  const values = new Map((sample?.syncs[sync.name]?.values ?? []).map((value) => [value.field.toLowerCase(), value.value]));
  return (
    <>
      <Card title={sync.name}>
        <Facts>
          <Fact name="Reads"><code>{sync.stream}</code></Fact>
          <Options options={sync.read_options} />
          <Fact name="Writes"><code>{sync.object}</code>, matched by <code>{sync.match}</code></Fact>
          <Options options={sync.write_options} />
          {([['mode', sync.mode], ['when deleted at the source', sync.on_delete], ['when left out later', sync.on_exclude], ['when two claim one', sync.on_duplicate], ['deletions a run at most', sync.max_deletes]] as const).map(([label, value]) => value && <Fact key={label} name={label}>{value}</Fact>)}
        </Facts>
      </Card>
      <Card title="Fields" actions={wanted ? sampleKey && <span class="faint">Values of <a href={linkTo(['i', name, 'record'], { key: sampleKey })}><Foreign text={sampleKey} most={40} /></a></span> : <Button onClick={onSample}>Show values of a record</Button>}>
        {sync.preset && <p class="faint">Preset: <code>{sync.preset}</code></p>}
        <Table label={`Fields of ${sync.name}`}>
          <thead><tr><th scope="col">Source</th><th scope="col"><span class="hidden">becomes</span></th><th scope="col">Destination</th><th scope="col">Value</th></tr></thead>
          <tbody>
            {sync.fields.map((field) => (
              <tr key={field.name}>
                <td data-label="Source"><code><Foreign text={field.value} most={200} /></code></td>
                <td class="arrow" aria-hidden="true">→</td>
                <th scope="row"><Foreign text={field.name} most={80} />
                  <span class="sub">{field.type && <Badge tone="calm">{field.type}</Badge>} {field.null === 'clear' && <Badge tone="warn">empties</Badge>} {field.overwrite === 'if_empty' && <Badge tone="calm">only if empty</Badge>} {!field.preset && sync.preset && <Badge tone="good">own</Badge>}</span>
                </th>
                <td data-label="Value">{values.has(field.name.toLowerCase()) ? <Foreign text={valueText(values.get(field.name.toLowerCase()))} most={80} /> : <span class="faint">{wanted && sample ? 'no value' : '…'}</span>}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      </Card>
      <Card title="Rules">
        {sync.rules.length === 0 ? <p class="faint">None: no value depends on a condition.</p> : (
          <ul class="rules">{sync.rules.map((rule) => <li key={rule.when}><span>When</span> <code><Foreign text={rule.when} most={200} /></code> <span>set</span> {Object.entries(rule.set).map(([field, value]) => <span key={field}><strong>{field}</strong> to <Foreign text={valueText(value)} most={100} /> </span>)}</li>)}</ul>
        )}
      </Card>
      <Card title="Filter and checks">
        <p>{sync.filter ? <>Only records where <code><Foreign text={sync.filter} most={300} /></code></> : 'All records: there is no filter.'}</p>
        {sync.checks.length > 0 && (
          <Table label="Checks">
            <thead><tr><th scope="col">Must be true</th><th scope="col">Otherwise the error</th></tr></thead>
            <tbody>{sync.checks.map((check) => <tr key={check.that}><td data-label="Must be true"><code><Foreign text={check.that} most={200} /></code></td><td data-label="Otherwise"><Foreign text={check.say} /></td></tr>)}</tbody>
          </Table>
        )}
      </Card>
    </>
  );
}

export function MappingTab({ name }: { name: string }) {
  const [wanted, setWanted] = useState(false);
  const { data, error } = useLoad<Definition>(ofIntegration(name));
  const sample = useLoad<RecordAnswer>(wanted ? ofIntegration(name, 'record') : null);
  if (error) return <Notice tone="bad">{error}</Notice>;
  if (!data) return <Loading />;
  return (
    <>
      {wanted && sample.error && <Notice tone="warn">There are no sample values: <Foreign text={sample.error} most={300} /></Notice>}
      <p class="flow"><Foreign text={data.source.title} most={80} /> <span aria-hidden="true">→</span><span class="hidden">to</span> <Foreign text={data.destination.title} most={80} /></p>
      {data.syncs.map((sync) => <Sync key={sync.name} name={name} sync={sync} sample={sample.data} sampleKey={sample.data?.key} wanted={wanted} onSample={() => setWanted(true)} />)}
    </>
  );
}
