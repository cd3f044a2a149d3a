// All runs, with a chart.
import { useState } from 'preact/hooks';
import { api, messageOf, ofIntegration } from '../api/client';
import type { Run, RunsPage, SyncCounts } from '../api/types';
import { bytes, count, duration, plural, stageName } from '../lib/format';
import { useLoad } from '../lib/load';
import { Button, Card, Dialog, Empty, Fact, Facts, Foreign, Loading, Notice, ResultBadge, Table, Time } from '../ui/basics';
import { RunChart } from '../ui/charts';

const OUTCOMES = ['read', 'delivered', 'unchanged', 'valid', 'deleted', 'filtered', 'superseded', 'stale', 'pending', 'rejected'] as const;

function sum(run: Run, outcome: keyof SyncCounts): number {
  return (run.summary.syncs ?? []).reduce((total, sync) => total + Number(sync[outcome] ?? 0), 0);
}

function RunDetail({ run, onClose }: { run: Run; onClose: () => void }) {
  return (
    <Dialog title={`Run ${run.id}: ${stageName(run.stage)}`} onClose={onClose}>
      <p><ResultBadge result={run.result} /> <Time at={run.started} />{run.summary.seconds !== undefined && `, took ${duration(run.summary.seconds)}`}</p>
      {run.message && <p class="bad-text"><Foreign text={run.message} most={800} /></p>}
      {(run.summary.syncs ?? []).map((sync) => (
        <div key={sync.sync}>
          <h3>{sync.sync}</h3>
          <Facts>{OUTCOMES.filter((outcome) => (sync[outcome] ?? 0) > 0 || outcome === 'read').map((outcome) => <Fact key={outcome} name={outcome}>{count(sync[outcome] ?? 0)}</Fact>)}</Facts>
        </div>
      ))}
      {Object.entries(run.summary.statistics ?? {}).map(([side, statistics]) => (
        <div key={side}>
          <h3>{side}</h3>
          <Facts>
            {Object.entries(statistics.counters ?? {}).map(([counter, value]) => <Fact key={counter} name={counter}>{count(value)}</Fact>)}
            {(statistics.restarts ?? 0) > 0 && <Fact name="restarts of the connector">{count(statistics.restarts ?? 0)}</Fact>}
            {statistics.peak_memory !== undefined && <Fact name="memory at most">{bytes(statistics.peak_memory)}</Fact>}
          </Facts>
        </div>
      ))}
    </Dialog>
  );
}

export function HistoryTab({ name, latest }: { name: string; latest: number }) {
  // The id of the latest run makes the page new when a run has ended.
  const first = useLoad<RunsPage>(ofIntegration(name, 'runs'), { limit: 60, before: latest > 0 ? latest + 1 : undefined });
  const [more, setMore] = useState<Run[]>([]);
  const [next, setNext] = useState<number | null>();
  const [problem, setProblem] = useState<string>();
  const [shown, setShown] = useState<Run>();
  const [onlyChanges, setOnlyChanges] = useState(true);
  if (first.error) return <Notice tone="bad">{first.error}</Notice>;
  if (!first.data) return <Loading />;
  const runs = [...first.data.runs, ...more];
  if (runs.length === 0) return <Card label="History"><Empty title="It has not run yet" /></Card>;
  const following = next === undefined ? first.data.next : next;
  const loadMore = async () => {
    try {
      const page = await api.get<RunsPage>(ofIntegration(name, 'runs'), { limit: 60, before: following ?? undefined });
      setMore([...more, ...page.runs]);
      setNext(page.next);
    } catch (failure) {
      setProblem(messageOf(failure));
    }
  };
  return (
    <>
      <Card title="Records a run" actions={<label class="check"><input type="checkbox" checked={onlyChanges} onChange={() => setOnlyChanges(!onlyChanges)} /> only incremental runs</label>}>
        <RunChart runs={runs.slice(0, 60)} without={onlyChanges} />
      </Card>
      <Card title={plural(runs.length, 'run')}>
        <Table label="Runs">
          <thead><tr><th scope="col">Run</th><th scope="col">Result</th><th scope="col">Began</th><th scope="col" class="number">Took</th><th scope="col" class="number">Read</th><th scope="col" class="number">Delivered</th><th scope="col" class="number">Rejected</th></tr></thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.id}>
                <th scope="row"><button type="button" class="link" onClick={() => setShown(run)}>{stageName(run.stage)}<span class="hidden"> run {run.id}</span></button></th>
                <td data-label="Result"><ResultBadge result={run.result} />{run.message && <span class="sub"><Foreign text={run.message} most={90} /></span>}</td>
                <td data-label="Began"><Time at={run.started} /></td>
                <td data-label="Took" class="number">{run.summary.seconds !== undefined ? duration(run.summary.seconds) : '–'}</td>
                <td data-label="Read" class="number">{count(sum(run, 'read'))}</td>
                <td data-label="Delivered" class="number">{count(sum(run, 'delivered'))}</td>
                <td data-label="Rejected" class="number">{count(sum(run, 'rejected'))}</td>
              </tr>
            ))}
          </tbody>
        </Table>
        {problem && <Notice tone="bad">{problem}</Notice>}
        {following !== null && <div class="more"><Button onClick={loadMore}>Show older runs</Button></div>}
      </Card>
      {shown && <RunDetail run={shown} onClose={() => setShown(undefined)} />}
    </>
  );
}
