// The stages as steps, each saying what blocks it; live progress; what was decided.
import { useState } from 'preact/hooks';
import { api, messageOf, ofIntegration } from '../api/client';
import type { CheckReport, Progress, Stage, Status, Step } from '../api/types';
import { useMayChange } from '../app';
import { count, duration, errorStageName, plural, stageName } from '../lib/format';
import type { Live } from '../lib/live';
import { linkTo } from '../lib/route';
import { Badge, Button, Card, Empty, Fact, Facts, Foreign, Notice, ResultBadge, Table, Time } from '../ui/basics';
import type { Asked } from './integration';

const STEPS: Record<Step['id'], [string, string]> = {
  connect: ['Connect', 'Both systems answer, and are the ones that this integration belongs to.'],
  preferences: ['Preferences', 'The file says what is moved, and how: filter, fields, rules, schedule.'],
  validate: ['Validate', 'Every record is read and checked. Nothing is written at the destination.'],
  initial: ['Initial sync', 'Missing fields are created and the 10 latest records delivered, so that you can look at them.'],
  full: ['Sync all', 'Every record is delivered. It may take a while, and can be stopped and continued.'],
  active: ['Active', 'From now on, what changes at the source is delivered by the schedule.'],
};
const STEP_STATES: Record<Step['state'], string> = { done: 'done', current: 'next', running: 'running', blocked: 'blocked', waiting: 'later' };
const STAGE_OF: Partial<Record<Step['id'], Stage>> = { validate: 'validate', initial: 'initial', full: 'full' };

function ProgressView({ progress }: { progress: Progress }) {
  const known = progress.expected !== null && progress.expected >= progress.read;
  const text = `${stageName(progress.stage)}: ${plural(progress.read, 'record')} read${known ? ` of about ${count(progress.expected ?? 0)}` : ''}`;
  return (
    <div class="progress" data-testid="progress">
      <div class="progress-head"><strong>{text}</strong><span>{progress.sync}</span></div>
      {known ? <progress aria-label={text} value={progress.read} max={Math.max(1, progress.expected ?? 1)} /> : <progress aria-label={text} />}
      <div class="progress-foot">
        <span>{count(progress.delivered)} delivered</span>
        <span>{count(Math.round(progress.rate * 10) / 10)} a second</span>
        {progress.eta_seconds !== null && <span>about {duration(Math.max(1, progress.eta_seconds))} left</span>}
        <span>began <Time at={progress.started} /></span>
      </div>
    </div>
  );
}

function StepItem({ step, position, status, name, progress, asked }: { step: Step; position: number; status: Status; name: string; progress: Progress | null; asked: Asked }) {
  const [problem, setProblem] = useState<string>();
  const mayChange = useMayChange();
  const [title, text] = STEPS[step.id];
  const stage = STAGE_OF[step.id];
  const here = step.state === 'current' || step.state === 'blocked';
  const press = async (options: Record<string, unknown>) => {
    setProblem(undefined);
    try {
      if (stage) await asked.start(stage, options);
    } catch (failure) {
      setProblem(messageOf(failure));
    }
  };
  return (
    <li class={`step ${step.state}`} aria-current={here || step.state === 'running' ? 'step' : undefined}>
      <span class="step-mark" aria-hidden="true">{step.state === 'done' ? '✓' : step.state === 'blocked' ? '!' : position}</span>
      <div class="step-body">
        <h3>{title} <span class="step-state">{STEP_STATES[step.state]}</span></h3>
        {step.state !== 'done' && <p>{text}</p>}
        {step.why && <p class={step.state === 'blocked' ? 'bad-text' : 'faint'}><Foreign text={step.why} most={400} /></p>}
        {step.at !== undefined && <p class="faint"><Time at={step.at} /></p>}
        {step.state === 'running' && progress && <ProgressView progress={progress} />}
        {problem && <Notice tone="bad">{problem}</Notice>}
        {here && stage && mayChange && status.state !== 'paused' && (
          <div class="actions">
            <Button kind="main" onClick={() => press({})}>{stage === 'validate' && status.runs.length > 0 ? 'Validate again' : `Run ${title}`}</Button>
            {stage === 'validate' && status.open_errors > 0 && <Button onClick={() => press({ retry: true })}>Check the records with errors again</Button>}
            {status.open_errors > 0 && <a class="button plain" href={linkTo(['i', name, 'errors'])}>Look at {plural(status.open_errors, 'error')}</a>}
          </div>
        )}
      </div>
    </li>
  );
}

function LastRun({ status }: { status: Status }) {
  const run = status.runs[0];
  if (!run) return <Empty title="It has not run yet" />;
  const sums = (run.summary.syncs ?? []).reduce<Record<string, number>>((all, sync) => {
    for (const outcome of ['read', 'delivered', 'unchanged', 'valid', 'deleted', 'filtered', 'superseded', 'stale', 'pending', 'rejected'] as const) all[outcome] = (all[outcome] ?? 0) + (sync[outcome] ?? 0);
    return all;
  }, {});
  return (
    <>
      <p><strong>{stageName(run.stage)}</strong> <ResultBadge result={run.result} /> <Time at={run.started} />{run.summary.seconds !== undefined && `, took ${duration(run.summary.seconds)}`}</p>
      {run.message && <p class="bad-text"><Foreign text={run.message} most={400} /></p>}
      <Facts>
        {Object.entries(sums).filter(([outcome, value]) => value > 0 || outcome === 'read' || outcome === 'rejected').map(([outcome, value]) => <Fact key={outcome} name={outcome}>{count(value)}</Fact>)}
      </Facts>
    </>
  );
}

function CheckView({ name }: { name: string }) {
  const [report, setReport] = useState<CheckReport>();
  const [problem, setProblem] = useState<string>();
  const mayChange = useMayChange();
  const press = async () => {
    setProblem(undefined);
    setReport(undefined);
    try {
      setReport(await api.post<CheckReport>(ofIntegration(name, 'check')));
    } catch (failure) {
      setProblem(messageOf(failure));
    }
  };
  return (
    <Card title="Connection" actions={mayChange && <Button onClick={press}>Check now</Button>}>
      {problem && <Notice tone="bad"><Foreign text={problem} most={600} /></Notice>}
      {report ? (
        <>
          <p><Badge tone={report.ok ? 'good' : 'bad'}>{report.ok ? 'Both sides answer' : 'There is something to correct'}</Badge></p>
          <p><Foreign text={report.source?.title ?? '–'} /> → <Foreign text={report.destination?.title ?? '–'} /></p>
          {report.diagnostics.length > 0 && <ul>{report.diagnostics.map((line) => <li key={line}><Foreign text={line} most={400} /></li>)}</ul>}
          {report.fields.length > 0 && <ul class="plain-list">{report.fields.map((field) => <li key={`${field.sync} ${field.name}`}><strong><Foreign text={field.name} /></strong> {field.status}: <Foreign text={field.message} /></li>)}</ul>}
        </>
      ) : !problem && <p class="faint">Connects to both sides and holds the file against them. Writes nothing.</p>}
    </Card>
  );
}

function Unlinked({ status }: { status: Status }) {
  const decision = status.decisions.find((each) => each.action === 'unlink');
  return (
    <Notice tone="calm">
      {decision ? <>Unlinked by <Foreign text={decision.who} most={40} /> <Time at={decision.at} />{decision.detail && <>: <Foreign text={decision.detail} /></>}</> : 'Unlinked'}.
      {' '}Validate links it again, from the beginning; people who opted out stay out.
    </Notice>
  );
}

export function SetUpTab({ name, status, live, asked }: { name: string; status: Status; live: Live; asked: Asked }) {
  const current = STEPS_OF_STAGE[live.progress?.stage ?? ''];
  // A run that began since the status was asked for.
  const steps = status.steps.map((step): Step => (live.progress && step.id === current && step.state !== 'done' ? { ...step, state: 'running' } : step));
  const shownInStep = steps.some((step) => step.state === 'running');
  return (
    <div class="columns">
      <div>
        {live.progress && !shownInStep && <Card title="Under way"><ProgressView progress={live.progress} /></Card>}
        <Card title="Steps">
          <ol class="steps">
            {steps.map((step, i) => <StepItem key={step.id} step={step} position={i + 1} status={status} name={name} progress={live.progress} asked={asked} />)}
          </ol>
        </Card>
        <CheckView name={name} />
        <Card title="Decisions">
          {status.decisions.length === 0 ? <p class="faint">None yet.</p> : (
            <Table label="Decisions">
              <thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th></tr></thead>
              <tbody>{status.decisions.map((each) => <tr key={`${each.at} ${each.action}`}><td data-label="When"><Time at={each.at} /></td><td data-label="Who"><Foreign text={each.who} most={40} /></td><td data-label="What">{each.action}{each.detail && <span class="sub"><Foreign text={each.detail} most={120} /></span>}</td></tr>)}</tbody>
            </Table>
          )}
        </Card>
      </div>
      <div>
        {status.full_needed.length > 0 && (
          <Notice tone="warn">The next run walks over everything: {status.full_needed.map((each) => <span key={each.sync}>{each.sync}: {each.reason}. </span>)}</Notice>
        )}
        {status.paused && <Notice tone="warn">Paused by {status.paused.who} <Time at={status.paused.at} />{status.paused.detail && <>: <Foreign text={status.paused.detail} /></>}</Notice>}
        {status.state === 'unlinked' && <Unlinked status={status} />}
        <Card title="Last run"><LastRun status={status} /></Card>
        <Card title="Now">
          <Facts>
            <Fact name="Next run">{status.next_run ? <Time at={status.next_run} /> : status.state === 'paused' ? 'paused' : status.state === 'active' ? 'by hand' : `${stageName(status.next)} is due`}</Fact>
            <Fact name="Schedule">{status.schedule}</Fact>
            <Fact name="Read up to">{status.cursor ? <Time at={status.cursor.as_of} /> : '–'}</Fact>
            <Fact name="Open errors">{status.open_errors > 0 ? <a href={linkTo(['i', name, 'errors'])}>{count(status.open_errors)}</a> : '0'}</Fact>
            <Fact name="Ignored errors">{status.ignored_errors > 0 ? <a href={linkTo(['i', name, 'errors'], { state: 'ignored' })}>{count(status.ignored_errors)}</a> : '0'}</Fact>
            {status.pending_writes > 0 && <Fact name="Writes under way at the destination">{count(status.pending_writes)}</Fact>}
          </Facts>
        </Card>
        {status.errors.length > 0 && (
          <Card title="Most frequent errors">
            <ul class="causes-short">
              {status.errors.slice(0, 5).map((cause) => (
                <li key={`${cause.code} ${cause.field} ${cause.message}`}>
                  <a href={linkTo(['i', name, 'errors'], { stage: cause.stage, code: cause.code, field: cause.field })}>{count(cause.count)}</a>
                  <span><Foreign text={cause.message} most={110} /><span class="sub">{errorStageName(cause.stage)}{cause.field && <>, <Foreign text={cause.field} most={40} /></>}</span></span>
                </li>
              ))}
            </ul>
          </Card>
        )}
      </div>
    </div>
  );
}

const STEPS_OF_STAGE: Record<string, Step['id'] | undefined> = { validate: 'validate', initial: 'initial', full: 'full' };
