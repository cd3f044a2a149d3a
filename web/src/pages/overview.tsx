import { useEffect, useState } from 'preact/hooks';
import { api, messageOf } from '../api/client';
import type { IntegrationsPage, Overview } from '../api/types';
import { useMayChange } from '../app';
import { count, plural, stageName } from '../lib/format';
import { useLoad } from '../lib/load';
import { linkTo } from '../lib/route';
import { Button, Card, Empty, Foreign, Loading, Notice, ResultBadge, StateBadge, Table, Time } from '../ui/basics';
import { Sparkline } from '../ui/charts';

function Figures({ rows, total }: { rows: Overview[]; total: number }) {
  const figures: [string, number, string][] = [
    ['Integrations', total, ''],
    ['Running now', rows.filter((row) => row.running).length, ''],
    ['Open errors', rows.reduce((sum, row) => sum + row.open_errors, 0), 'warn'],
    ['Failed last run', rows.filter((row) => row.last_run?.result === 'failed' || row.last_run?.result === 'refused').length, 'bad'],
  ];
  return (
    <dl class="figures">
      {figures.map(([name, value, tone]) => <div key={name} class={value > 0 ? tone : ''}><dt>{name}</dt><dd>{count(value)}</dd></div>)}
    </dl>
  );
}

function Row({ row }: { row: Overview }) {
  return (
    <tr>
      <th scope="row">
        <a href={linkTo(['i', row.integration])}>{row.integration}</a>
        <span class="sub"><Foreign text={row.source.title} most={70} /> → <Foreign text={row.destination.title} most={70} /></span>
      </th>
      <td data-label="State">
        <StateBadge state={row.state} running={row.running !== null} />
        {row.running && <span class="sub">{stageName(row.running.stage)}</span>}
        {row.queued && <span class="sub">waits for a free place</span>}
        {row.problem && <span class="sub bad-text"><Foreign text={row.problem} /></span>}
      </td>
      <td data-label="Last run">
        {row.last_run ? <><Time at={row.last_run.started} /><span class="sub"><ResultBadge result={row.last_run.result} /></span></> : <span class="faint">never</span>}
      </td>
      <td data-label="Next run">{row.next_run ? <Time at={row.next_run} /> : <span class="faint">{row.state === 'paused' ? 'paused' : row.state === 'active' ? 'by hand' : `${stageName(row.next)} is due`}</span>}</td>
      <td data-label="Open errors" class="number">
        {row.open_errors > 0 ? <a class="errors-link" href={linkTo(['i', row.integration, 'errors'])}>{count(row.open_errors)}<span class="hidden"> open errors of {row.integration}</span></a> : <span class="faint">0</span>}
      </td>
      <td data-label="Records a run">{row.activity.length > 0 ? <Sparkline activity={row.activity} /> : <span class="faint">–</span>}</td>
    </tr>
  );
}

export function OverviewPage() {
  const [wanted, setWanted] = useState('');
  const [q, setQ] = useState('');
  const [more, setMore] = useState<Overview[]>([]);
  const [next, setNext] = useState<string | null>();
  const [problem, setProblem] = useState<string>();
  const mayChange = useMayChange();
  const { data, error, loading } = useLoad<IntegrationsPage>('integrations', { q, limit: 200 }, 10_000);
  useEffect(() => { document.title = 'Overview · Sluice'; }, []);
  useEffect(() => {
    const timer = setTimeout(() => setQ(wanted.trim()), 200);
    return () => clearTimeout(timer);
  }, [wanted]);
  useEffect(() => { setMore([]); setNext(undefined); }, [q]);
  const following = next === undefined ? (data?.next ?? null) : next;
  const loadMore = async () => {
    try {
      const page = await api.get<IntegrationsPage>('integrations', { q, limit: 200, after: following ?? undefined });
      setMore((before) => [...before, ...page.integrations]);
      setNext(page.next);
    } catch (failure) {
      setProblem(messageOf(failure));
    }
  };
  const rows = [...(data?.integrations ?? []), ...more];
  return (
    <>
      <div class="page-head"><h1>Overview</h1></div>
      {error && <Notice tone="bad">{error}</Notice>}
      {problem && <Notice tone="bad">{problem}</Notice>}
      {loading && !data ? <Loading /> : data && (
        <>
          <Figures rows={rows} total={data.total} />
          {data.problems.map((each) => (
            <Notice key={each.file} tone="bad">
              <strong><Foreign text={each.file} /> is not run:</strong>
              <ul>{each.diagnostics.map((line) => <li key={line}><Foreign text={line} /></li>)}</ul>
            </Notice>
          ))}
          <Card title="Integrations" actions={<input type="search" aria-label="Search integrations" placeholder="Search" value={wanted} onInput={(event) => setWanted(event.currentTarget.value)} />}>
            {rows.length === 0 ? (
              q !== '' ? <Empty title={`No integration fits “${q}”`} /> : (
                <Empty title="There is no integration yet">{mayChange ? <a class="button main" href="#/new">Set one up</a> : <p>An operator can set one up.</p>}</Empty>
              )
            ) : (
              <Table label="Integrations">
                <thead><tr><th scope="col">Integration</th><th scope="col">State</th><th scope="col">Last run</th><th scope="col">Next run</th><th scope="col" class="number">Open errors</th><th scope="col">Records a run</th></tr></thead>
                <tbody>{rows.map((row) => <Row key={row.integration} row={row} />)}</tbody>
              </Table>
            )}
            {following && <div class="more"><Button onClick={loadMore}>Show more</Button> <span class="faint">{plural(rows.length, 'integration')} of {count(data.total)}</span></div>}
          </Card>
        </>
      )}
      {rows.some((row) => row.activity.length > 0) && <p class="legends"><span class="legend bar">records read in a run</span><span class="legend bar-warn">with rejected records</span><span class="legend bar-bad">failed or refused</span></p>}
    </>
  );
}
