// One integration: its head, its tabs, and what is decided about it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { api, ofIntegration } from '../api/client';
import type { Decided, Ended, Stage, Status } from '../api/types';
import { useMayChange } from '../app';
import { count, plural, stageName } from '../lib/format';
import { useLive } from '../lib/live';
import { useLoad } from '../lib/load';
import { linkTo } from '../lib/route';
import { Button, Foreign, Loading, Notice, StateBadge } from '../ui/basics';
import { Ask } from '../ui/dialogs';
import { ErrorsTab } from './errors';
import { FileTab } from './file';
import { HistoryTab } from './history';
import { MappingTab } from './mapping';
import { PlanTab } from './plan';
import { RecordTab } from './record';
import { SetUpTab } from './set-up';

export interface Asked {
  start: (stage: Stage | 'next', options?: Record<string, unknown>) => Promise<void>;
  reload: () => void;
}

type Question = 'pause' | 'resume' | 'unlink' | 'stop' | null;

const TABS: [string, string][] = [['', 'Set-up and state'], ['errors', 'Sync errors'], ['history', 'History'], ['mapping', 'Mapping'], ['record', 'Records'], ['plan', 'Plan'], ['file', 'File and schedule']];

export function IntegrationPage({ name, tab }: { name: string; tab: string }) {
  const { data: status, error, reload } = useLoad<Status>(ofIntegration(name, 'status'), {}, 15_000);
  const [ended, setEnded] = useState<Ended>();
  const [question, setQuestion] = useState<Question>(null);
  const [handed, setHanded] = useState<string>();
  const mayChange = useMayChange();
  const live = useLive(name, (event) => {
    setEnded(event);
    setHanded(undefined);
    reload();
  });
  useEffect(() => {
    document.title = `${name} · Sluice`;
  }, [name]);

  // On a small screen the tab that is shown may lie outside.
  const tabs = useRef<HTMLElement>(null);
  useEffect(() => {
    tabs.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [tab]);

  const start = async (stage: Stage | 'next', options: Record<string, unknown> = {}) => {
    setEnded(undefined);
    await api.post(ofIntegration(name, 'runs'), { stage, ...options });
    reload();
  };
  const decide = async (action: 'pause' | 'resume', why: string) => {
    const decided = await api.post<Decided>(ofIntegration(name, action), { why });
    setHanded(decided.done ? undefined : 'The run that is under way takes this at its next checkpoint.');
    reload();
  };

  const running = live.progress !== null || (status?.running ?? null) !== null;
  return (
    <>
      <div class="page-head">
        <div>
          <p class="crumb"><a href="#/">Overview</a> /</p>
          <h1>{name} {status && <StateBadge state={status.state} running={running} />}</h1>
        </div>
        {status && mayChange && (
          <div class="actions">
            {running ? <Button onClick={() => setQuestion('stop')}>Stop</Button> : status.state !== 'paused' && <RunNow status={status} start={start} />}
            {status.state === 'paused' ? <Button kind="main" onClick={() => setQuestion('resume')}>Resume</Button> : status.state !== 'new' && status.state !== 'unlinked' && <Button onClick={() => setQuestion('pause')}>Pause</Button>}
            {status.runs.length > 0 && <Button kind="danger" onClick={() => setQuestion('unlink')}>Unlink</Button>}
          </div>
        )}
      </div>
      <nav class="tabs" ref={tabs} aria-label={`Pages of ${name}`}>
        {TABS.map(([id, text]) => (
          <a key={id} href={linkTo(id ? ['i', name, id] : ['i', name])} aria-current={tab === id ? 'page' : undefined}>
            {text}{id === 'errors' && status && status.open_errors > 0 && <span class="pill">{count(status.open_errors)}</span>}
          </a>
        ))}
      </nav>
      {error && <Notice tone="bad">{error}</Notice>}
      {handed && <Notice tone="calm">{handed}</Notice>}
      {status?.problem && <Notice tone="bad"><Foreign text={status.problem} most={600} /></Notice>}
      {ended && (ended.result === 'failed' || ended.result === 'refused') && <Notice tone="bad">{stageName(ended.stage)} {ended.result === 'failed' ? 'failed' : 'was refused'}: <Foreign text={ended.message} most={600} /></Notice>}
      {!status ? !error && <Loading /> : (
        tab === '' ? <SetUpTab name={name} status={status} live={live} asked={{ start, reload }} />
        : tab === 'errors' ? <ErrorsTab name={name} status={status} asked={{ start, reload }} />
        : tab === 'history' ? <HistoryTab name={name} latest={status.runs[0]?.id ?? 0} />
        : tab === 'mapping' ? <MappingTab name={name} />
        : tab === 'plan' ? <PlanTab name={name} status={status} />
        : tab === 'file' ? <FileTab name={name} />
        : tab === 'record' ? <RecordTab name={name} />
        : <Notice tone="warn">There is no such page. <a href={linkTo(['i', name])}>Go to the state of {name}</a></Notice>
      )}
      {question === 'pause' && (
        <Ask title={`Pause ${name}`} action="Pause" why onClose={() => setQuestion(null)} run={(why) => decide('pause', why)}>
          <p>No further run starts until somebody resumes it. {running && 'The run that is under way stops at its next checkpoint; the next one continues it.'}</p>
        </Ask>
      )}
      {question === 'resume' && (
        <Ask title={`Resume ${name}`} action="Resume" why onClose={() => setQuestion(null)} run={(why) => decide('resume', why)}>
          <p>Runs start again by the schedule. What changed meanwhile is read by the next one.</p>
        </Ask>
      )}
      {question === 'stop' && (
        <Ask title="Stop the run" action="Stop" onClose={() => setQuestion(null)} run={async () => { await api.post(ofIntegration(name, 'stop')); reload(); }}>
          <p>It stops at its next checkpoint. Nothing is lost: the next run continues it.</p>
        </Ask>
      )}
      {question === 'unlink' && status && (
        <Ask title={`Unlink ${name}`} action="Unlink" kind="danger" why confirm={name} onClose={() => setQuestion(null)}
          run={async (why, confirm) => { await api.post(ofIntegration(name, 'unlink'), { confirm, why }); setEnded(undefined); reload(); }}>
          <p>This ends the integration: what it remembers ({plural(status.runs.length, 'run')} shown here, delivered records, {plural(status.open_errors + status.ignored_errors, 'error')}) goes into an archive. <strong>Nothing changes at either side.</strong></p>
          <p>Linking again starts anew with Validate. People who opted out stay out.</p>
        </Ask>
      )}
    </>
  );
}

function RunNow({ status, start }: { status: Status; start: Asked['start'] }) {
  const [problem, setProblem] = useState<string>();
  const press = async () => {
    setProblem(undefined);
    try {
      await start('next');
    } catch (failure) {
      setProblem(failure instanceof Error ? failure.message : String(failure));
    }
  };
  return (
    <>
      {problem && <span class="bad-text" role="alert">{problem}</span>}
      <Button kind="main" disabled={status.queued === true} onClick={press}>{status.queued ? 'Waits for a free place' : `${stageName(status.next)} now`}</Button>
    </>
  );
}
