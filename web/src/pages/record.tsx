// All about one record: what the source has, what the file makes of it, what was delivered, its error.
import { useEffect, useState } from 'preact/hooks';
import { ofIntegration } from '../api/client';
import type { RecordAnswer, RecordView } from '../api/types';
import { errorStageName, plural, valueText } from '../lib/format';
import { useLoad } from '../lib/load';
import { go, linkTo, useRoute } from '../lib/route';
import { Badge, Button, Card, Code, Fact, Facts, Foreign, FormField, Loading, Notice, Table } from '../ui/basics';

// The expression of "file:line:column: expression".
function expressionOf(line: string): string {
  return /^.*?:\d+:\d+: (.*)$/s.exec(line)?.[1] ?? line;
}

function Values({ view, short }: { view: RecordView; short?: boolean }) {
  if (!view.values || view.values.length === 0) return null;
  return (
    <Table label="Mapped values">
      <thead><tr><th scope="col">Field</th><th scope="col">Value</th><th scope="col">From</th></tr></thead>
      <tbody>
        {view.values.map((value) => (
          <tr key={value.field}>
            <th scope="row"><Foreign text={value.field} most={60} /></th>
            <td data-label="Value"><Foreign text={valueText(value.value)} most={160} /></td>
            <td data-label="From">{value.from.map((line) => <code key={line} class="sub"><Foreign text={short ? expressionOf(line) : line} most={160} /></code>)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Remembered({ view }: { view: RecordView }) {
  const names = (list: string[] | undefined) => (list && list.length > 0 ? list.join(', ') : undefined);
  const facts: [string, string | undefined][] = [
    ['State', view.state ?? view.now],
    ['Would be', view.would_be],
    ['At the destination', view.destination_key],
    ['Id there', view.remote_id ?? undefined],
    ['Delivered', view.delivered_at],
    ['Written by', view.owner],
    ['Claimed by', names(view.claimed_by)],
    ['Opted out of', names(view.opted_out)],
    ['Withdrawn by Sluice', names(view.withdrawn_by_us)],
  ];
  return <Facts>{facts.map(([name, value]) => value !== undefined && <Fact key={name} name={name}><Foreign text={value} most={160} /></Fact>)}</Facts>;
}

export function RecordDetail({ name, recordKey, compact }: { name: string; recordKey: string; compact?: boolean }) {
  const [offline, setOffline] = useState(false);
  const { data, error, loading, reload } = useLoad<RecordAnswer>(ofIntegration(name, 'record'), { key: recordKey, offline });
  if (loading) return <Loading />;
  if (error) {
    return (
      <Notice tone="bad">
        <Foreign text={error} most={600} /> {!offline && <Button onClick={() => setOffline(true)}>Show only what is remembered</Button>}
      </Notice>
    );
  }
  return (
    <>
      {Object.entries(data?.syncs ?? {}).map(([sync, view]) => (
        <div key={sync}>
          {!compact && <Card title={sync} actions={<Button onClick={reload}>Read again</Button>}><Remembered view={view} /></Card>}
          {view.source_unread && <Notice tone="warn">The source could not be asked: <Foreign text={view.source_unread} most={300} /></Notice>}
          {!compact && view.error && (
            <Card title="Error">
              <p><Badge tone={view.error.state === 'open' ? 'bad' : 'calm'}>{view.error.state}</Badge> <Foreign text={view.error.message ?? ''} most={600} /></p>
              <p class="faint">{errorStageName(view.error.stage ?? '')}{view.error.field && <>, field <Foreign text={view.error.field} /></>}, first seen {view.error.first_seen}, last seen {view.error.last_seen}, {plural(view.error.attempts ?? 0, 'try', 'tries')}</p>
            </Card>
          )}
          {compact ? (
            <>
              <h3>What the file makes of it now</h3>
              {view.values?.length ? <Values view={view} short /> : <p class="faint">No document: {view.now ?? 'the record is not mapped'}.</p>}
            </>
          ) : (
            <>
              <Card title="What the file makes of it now">{view.values?.length ? <Values view={view} /> : <p class="faint">{offline ? 'Only what is remembered is shown.' : `No document: ${view.now ?? 'the record is not mapped'}.`}</p>}</Card>
              {view.delivered && Object.keys(view.delivered).length > 0 && <Card title="Delivered last"><Code label="Delivered document" text={JSON.stringify(view.delivered, null, 2)} /></Card>}
              {view.source !== undefined && <Card title="As the source has it"><details><summary>Show the whole record</summary><Code label="Record of the source" text={JSON.stringify(view.source, null, 2)} /></details></Card>}
            </>
          )}
        </div>
      ))}
    </>
  );
}

export function RecordTab({ name }: { name: string }) {
  const { query } = useRoute();
  const key = query.get('key') ?? '';
  const [typed, setTyped] = useState(key);
  useEffect(() => setTyped(key), [key]);
  return (
    <>
      <form class="card" onSubmit={(event) => { event.preventDefault(); go(linkTo(['i', name, 'record'], { key: typed.trim() })); }}>
        <FormField label="Record" hint="The key at the source, such as a customer’s id.">
          {({ id, describedBy }) => (
            <div class="with-button"><input id={id} aria-describedby={describedBy} value={typed} spellcheck={false} onInput={(event) => setTyped(event.currentTarget.value)} /><Button type="submit" kind="main" disabled={typed.trim() === ''}>Show</Button></div>
          )}
        </FormField>
      </form>
      {key !== '' && <RecordDetail key={key} name={name} recordKey={key} />}
    </>
  );
}
