// What the next run would do, without doing it.
import { useState } from 'preact/hooks';
import { api, messageOf, ofIntegration } from '../api/client';
import type { Plan, PlanRecord, PlanState, PlanSync, Status } from '../api/types';
import { useMayChange } from '../app';
import { count, duration, plural, stageName, valueText } from '../lib/format';
import { useLoad } from '../lib/load';
import { linkTo } from '../lib/route';
import { Badge, Button, Card, Empty, Fact, Facts, Foreign, Loading, Notice, Time } from '../ui/basics';

const DOES: Record<PlanRecord['does'], ['good' | 'warn' | 'bad' | 'calm', string]> = { create: ['good', 'create'], update: ['calm', 'update'], rekey: ['warn', 'other key'], depart: ['bad', 'leaves'] };

function RecordItem({ name, record }: { name: string; record: PlanRecord }) {
  const [tone, text] = DOES[record.does];
  return (
    <li>
      <details>
        <summary><Badge tone={tone}>{text}</Badge> <Foreign text={record.destination_key} most={60} /> <span class="faint"><Foreign text={record.key} most={40} />{record.action && `: ${record.action}`}{record.because && `, ${record.because}`}</span></summary>
        <table class="changes">
          <thead><tr><th scope="col">Field</th><th scope="col">Now</th><th scope="col">Then</th></tr></thead>
          <tbody>
            {(record.fields ?? []).map((field) => <tr key={field.name}><th scope="row"><Foreign text={field.name} most={60} /></th><td>{field.old === null ? <span class="faint">–</span> : <Foreign text={valueText(field.old)} most={80} />}</td><td><Foreign text={valueText(field.new)} most={80} /></td></tr>)}
            {(record.sets ?? []).map((set) => <tr key={set.name}><th scope="row"><Foreign text={set.name} most={60} /></th><td>{set.remove.length > 0 && <>without <Foreign text={set.remove.join(', ')} /></>}</td><td>{set.add.length > 0 && <>with <Foreign text={set.add.join(', ')} /></>}</td></tr>)}
          </tbody>
        </table>
        <a href={linkTo(['i', name, 'record'], { key: record.key })}>All about this record</a>
      </details>
    </li>
  );
}

function SyncPlan({ name, sync }: { name: string; sync: PlanSync }) {
  const departing = Object.entries(sync.depart);
  return (
    <Card title={sync.sync}>
      {sync.guard && <Notice tone="bad">A guard would stop the run: <Foreign text={sync.guard} most={400} /></Notice>}
      {sync.full_needed && <Notice tone="warn">Walks over everything: {sync.full_needed}</Notice>}
      <Facts>
        <Fact name="read">{count(sync.read)}</Fact>
        <Fact name="create">{count(sync.create)}</Fact>
        <Fact name="update">{count(sync.update)}</Fact>
        {sync.rekey > 0 && <Fact name="other key">{count(sync.rekey)}</Fact>}
        {departing.map(([action, value]) => <Fact key={action} name={`leave: ${action}`}>{count(value)}</Fact>)}
        <Fact name="rejected">{count(sync.rejected)}</Fact>
        {Object.entries(sync.left_out).map(([reason, value]) => <Fact key={reason} name={reason}>{count(value)}</Fact>)}
      </Facts>
      {sync.records.length > 0 && <><h3>{plural(sync.records.length, 'record')} in detail</h3><ul class="plan-records">{sync.records.map((record) => <RecordItem key={record.key} name={name} record={record} />)}</ul></>}
      {sync.errors.length > 0 && <><h3>Errors</h3><ul>{sync.errors.map((error) => <li key={error.key}><a href={linkTo(['i', name, 'record'], { key: error.key })}><Foreign text={error.key} most={40} /></a>: <Foreign text={error.message} most={160} />{error.new && <> <Badge tone="warn">new</Badge></>}</li>)}</ul></>}
    </Card>
  );
}

export function PlanTab({ name, status }: { name: string; status: Status }) {
  const [stage, setStage] = useState('');
  const [live, setLive] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [waiting, setWaiting] = useState(false);
  const mayChange = useMayChange();
  const { data, error, reload } = useLoad<PlanState>(ofIntegration(name, 'plan'), {}, waiting ? 1000 : 0);
  if (waiting && data && data.state !== 'running') setWaiting(false);
  if (!waiting && data?.state === 'running') setWaiting(true);
  const make = async () => {
    setProblem(undefined);
    try {
      await api.post(ofIntegration(name, 'plan'), { ...(stage ? { stage } : {}), live });
      setWaiting(true);
      reload();
    } catch (failure) {
      setProblem(messageOf(failure));
    }
  };
  const plan = data?.state === 'done' ? (data.plan as unknown as Plan) : undefined;
  return (
    <>
      {mayChange && (
        <Card title="What would a run do?">
          <p>Takes the run’s own path, record by record, and writes nothing. It reads as much as the run itself would.</p>
          <div class="toolbar">
            <label class="inline">Stage <select value={stage} onChange={(event) => setStage(event.currentTarget.value)}>
              <option value="">the next one ({stageName(status.next)})</option>
              {['initial', 'full', 'incremental'].map((each) => <option key={each} value={each}>{stageName(each)}</option>)}
            </select></label>
            <label class="check"><input type="checkbox" checked={live} onChange={() => setLive(!live)} /> compare with what the destination has now</label>
            <Button kind="main" disabled={data?.state === 'running'} onClick={make}>{data?.state === 'running' ? 'Planning…' : 'Make a plan'}</Button>
          </div>
          {problem && <Notice tone="bad"><Foreign text={problem} most={600} /></Notice>}
        </Card>
      )}
      {error && <Notice tone="bad">{error}</Notice>}
      {!data ? !error && <Loading /> : data.state === 'none' ? <Card label="Plan"><Empty title="No plan has been made yet" /></Card>
        : data.state === 'running' ? <Card label="Plan"><p role="status">Reading the source, since {data.started !== undefined && <Time at={data.started} />}…</p><progress aria-label="Planning" /></Card>
        : data.state === 'failed' ? <Notice tone="bad">The plan failed: <Foreign text={data.problem ?? ''} most={600} /></Notice>
        : plan && (
          <>
            <Card title={`Plan: ${stageName(plan.stage)}`}>
              <p class="faint">{data.ended !== undefined && <>Made <Time at={data.ended} />. </>}Nothing was written.</p>
              {plan.notes.map((note) => <Notice key={note} tone="calm"><Foreign text={note} most={400} /></Notice>)}
              <Facts>
                <Fact name="Limits make it take">{plan.minutes === null ? 'unknown' : plan.minutes === 0 ? 'no wait' : duration(plan.minutes * 60)}</Fact>
                {plan.calls.destination.planned?.map((each) => <Fact key={each.class} name={`requests, ${each.class}`}>{count(each.calls)}</Fact>)}
                {plan.fields_to_create.length > 0 && <Fact wide name="Fields to create">{plan.fields_to_create.map((field) => field.name).join(', ')}</Fact>}
              </Facts>
            </Card>
            {plan.syncs.map((sync) => <SyncPlan key={sync.sync} name={name} sync={sync} />)}
          </>
        )}
    </>
  );
}
