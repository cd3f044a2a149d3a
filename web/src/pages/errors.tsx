// Sync errors: by cause, then single records; search, detail, ignore, retry, CSV.
import { useEffect, useRef, useState } from 'preact/hooks';
import { api, messageOf, ofIntegration, urlOf } from '../api/client';
import type { Cause, CausesAnswer, Decided, ErrorsPage, RecordError, Status } from '../api/types';
import { useMayChange } from '../app';
import { count, errorStageName, plural } from '../lib/format';
import { useLoad } from '../lib/load';
import { go, linkTo, useRoute } from '../lib/route';
import { Badge, Button, Card, Dialog, Empty, Fact, Facts, Foreign, Loading, Notice, Table, Time } from '../ui/basics';
import { Ask } from '../ui/dialogs';
import type { Asked } from './integration';
import { RecordDetail } from './record';

export interface Choice { sync?: string; stage?: string; code?: string; field?: string; message?: string; keys?: string[]; all?: boolean }

// The choice that means exactly the records of a cause.
export function choiceOf(cause: Cause): Choice {
  return { sync: cause.sync, stage: cause.stage, code: cause.code, ...(cause.field ? { field: cause.field } : {}), ...(cause.stage === 'check' ? { message: cause.message } : {}) };
}

interface Question { action: 'ignore' | 'retry'; choice: Choice; records: number; what: string }

export function ErrorsTab({ name, status, asked }: { name: string; status: Status; asked: Asked }) {
  const { query } = useRoute();
  const of = (part: string) => query.get(part) ?? '';
  const state = of('state') === 'ignored' ? 'ignored' : 'open';
  const filter = { state, sync: of('sync'), stage: of('stage'), code: of('code'), field: of('field'), message: of('message'), q: of('q') };
  const chosen = filter.sync + filter.stage + filter.code + filter.field + filter.message !== '';
  const [typed, setTyped] = useState(filter.q);
  const [after, setAfter] = useState<string[]>([]);
  const [question, setQuestion] = useState<Question>();
  const [shown, setShown] = useState<RecordError>();
  const [told, setTold] = useState<string>();
  const [marked, setMarked] = useState<Set<string>>(new Set());
  const mayChange = useMayChange();
  const polls = 15_000;
  const { message: _message, ...withoutMessage } = filter;
  const causes = useLoad<CausesAnswer>(ofIntegration(name, 'errors/causes'), { state, q: filter.q }, polls);
  const page = useLoad<ErrorsPage>(ofIntegration(name, 'errors'), { ...(filter.stage === 'check' ? filter : withoutMessage), limit: 50, after: after.at(-1) }, polls);
  const address = (changes: Record<string, string>) => linkTo(['i', name, 'errors'], { ...filter, state: state === 'open' ? '' : state, ...changes });
  const everything = { sync: '', stage: '', code: '', field: '', message: '' };

  useEffect(() => {
    const timer = setTimeout(() => {
      if (typed.trim() !== filter.q) go(address({ q: typed.trim() }), true);
    }, 250);
    return () => clearTimeout(timer);
  }, [typed]);
  // A run that has ended has settled some of them, or found others.
  const seen = useRef(status.runs[0]?.id);
  useEffect(() => {
    if (seen.current === status.runs[0]?.id) return;
    seen.current = status.runs[0]?.id;
    causes.reload();
    page.reload();
  }, [status.runs[0]?.id]);
  const shownFilter = JSON.stringify(filter);
  useEffect(() => {
    setAfter([]);
    setMarked(new Set());
  }, [shownFilter]);

  const carryOut = async ({ action, choice }: Question, why: string) => {
    const decided = await api.post<Decided>(ofIntegration(name, `errors/${action}`), { ...choice, why });
    const many = plural(decided.affected, 'error');
    if (!decided.done) setTold('The run that is under way takes this at its next checkpoint.');
    else if (action === 'ignore') setTold(`${many} ignored: their records are not sent until they change.`);
    else {
      const before = status.state !== 'active';
      try {
        await asked.start(before ? 'validate' : 'incremental', before ? { retry: true } : {});
        setTold(`${many} tried again by the run that has just started.`);
      } catch (failure) {
        setTold(`${many} due for the next run. It was not started now: ${messageOf(failure)}`);
      }
    }
    setMarked(new Set());
    causes.reload();
    page.reload();
    asked.reload();
  };

  const rows = page.data?.errors ?? [];
  const csv = urlOf(ofIntegration(name, 'errors.csv'), filter.stage === 'check' ? filter : withoutMessage);
  const toggle = (key: string) => setMarked((before) => {
    const next = new Set(before);
    if (!next.delete(key)) next.add(key);
    return next;
  });
  const markedChoice: Choice = { keys: [...marked] };

  return (
    <>
      <div class="toolbar">
        <div class="switch" role="group" aria-label="State">
          <a href={linkTo(['i', name, 'errors'])} aria-current={state === 'open' ? 'true' : undefined}>Open <span class="pill">{count(status.open_errors)}</span></a>
          <a href={linkTo(['i', name, 'errors'], { state: 'ignored' })} aria-current={state === 'ignored' ? 'true' : undefined}>Ignored <span class="pill">{count(status.ignored_errors)}</span></a>
        </div>
        <input type="search" aria-label="Search errors" placeholder="Key, field or message" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        <a class="button plain" href={csv} download={`${name}-errors.csv`}>Download CSV</a>
      </div>
      {told && <Notice tone="good">{told}</Notice>}
      {(causes.error ?? page.error) && <Notice tone="bad">{causes.error ?? page.error}</Notice>}
      {!causes.data ? !causes.error && <Loading /> : causes.data.count === 0 ? (
        <Card label="Errors"><Empty title={filter.q ? `No error fits “${filter.q}”` : state === 'open' ? 'No open errors' : 'Nothing is ignored'}>{!filter.q && state === 'open' && <p>Every record that was read could be delivered, or is left out on purpose.</p>}</Empty></Card>
      ) : (
        <Card title="By cause" actions={chosen && <a class="button plain" href={address(everything)}>Show all causes’ records</a>}>
          <ul class="causes">
            {causes.data.causes.map((cause) => {
              const active = cause.sync === filter.sync && cause.stage === filter.stage && cause.code === filter.code && cause.field === filter.field && (cause.stage !== 'check' || cause.message === filter.message);
              const to = address({ sync: cause.sync, stage: cause.stage, code: cause.code, field: cause.field, message: cause.stage === 'check' ? cause.message : '' });
              const what = `${plural(cause.count, 'record')}: ${cause.code}`;
              return (
                <li key={to} class={active ? 'active' : ''}>
                  <span class="cause-count">{count(cause.count)}</span>
                  <div class="cause-text">
                    <p class="cause-message"><Foreign text={cause.message} most={180} /></p>
                    <p class="sub"><Badge tone="calm">{errorStageName(cause.stage)}</Badge> <code>{cause.code}</code>{cause.field && <> in <code><Foreign text={cause.field} most={60} /></code></>} · {cause.sync}</p>
                  </div>
                  <div class="actions">
                    <a class="button plain" href={to} aria-label={`Show records of ${what}`}>Records</a>
                    {mayChange && state === 'open' && <Button aria-label={`Ignore ${what}`} onClick={() => setQuestion({ action: 'ignore', choice: choiceOf(cause), records: cause.count, what: cause.message })}>Ignore</Button>}
                    {mayChange && <Button aria-label={`Retry ${what}`} onClick={() => setQuestion({ action: 'retry', choice: choiceOf(cause), records: cause.count, what: cause.message })}>Retry</Button>}
                  </div>
                </li>
              );
            })}
          </ul>
        </Card>
      )}
      {rows.length > 0 && page.data && (
        <Card title={`${plural(page.data.count, 'record')}${chosen ? ' of this cause' : ''}`} actions={mayChange && marked.size > 0 && (
          <>
            {state === 'open' && <Button onClick={() => setQuestion({ action: 'ignore', choice: markedChoice, records: marked.size, what: 'the marked records' })}>Ignore {marked.size} marked</Button>}
            <Button onClick={() => setQuestion({ action: 'retry', choice: markedChoice, records: marked.size, what: 'the marked records' })}>Retry {marked.size} marked</Button>
          </>
        )}>
          <Table label="Records with errors">
            <thead><tr>{mayChange && <th scope="col"><span class="hidden">Mark</span></th>}<th scope="col">Record</th><th scope="col">Error</th><th scope="col">Last seen</th><th scope="col" class="number">Tries</th></tr></thead>
            <tbody>
              {rows.map((row) => (
                <tr key={`${row.sync} ${row.key}`}>
                  {mayChange && <td class="tick"><input type="checkbox" aria-label={`Mark ${row.key.slice(0, 80)}`} checked={marked.has(row.key)} onChange={() => toggle(row.key)} /></td>}
                  <th scope="row"><button type="button" class="link" onClick={() => setShown(row)}><Foreign text={row.key.slice(0, 60)} most={60} />{row.key.length > 60 && '…'}</button><span class="sub">{row.sync}</span></th>
                  <td data-label="Error"><Foreign text={row.message} most={160} /><span class="sub"><code>{row.code}</code>{row.field && <> in <code><Foreign text={row.field} most={40} /></code></>}</span>{row.decided_by && <span class="sub">ignored by {row.decided_by}{row.decided_why && <>: <Foreign text={row.decided_why} /></>}</span>}</td>
                  <td data-label="Last seen"><Time at={row.last_seen} /></td>
                  <td data-label="Tries" class="number">{count(row.attempts)}</td>
                </tr>
              ))}
            </tbody>
          </Table>
          {(after.length > 0 || page.data.next) && (
            <div class="more">
              <Button disabled={after.length === 0} onClick={() => setAfter(after.slice(0, -1))}>Previous</Button>
              <span class="faint">Page {after.length + 1}</span>
              <Button disabled={page.data.next === null} onClick={() => { if (page.data?.next) setAfter([...after, page.data.next]); }}>Next</Button>
            </div>
          )}
        </Card>
      )}
      {question && (
        <Ask title={question.action === 'ignore' ? `Ignore ${plural(question.records, 'record')}` : `Retry ${plural(question.records, 'record')}`} action={question.action === 'ignore' ? 'Ignore' : 'Retry'} why onClose={() => setQuestion(undefined)} run={(why) => carryOut(question, why)}>
          <p><Foreign text={question.what} most={160} /></p>
          <p>{question.action === 'ignore' ? 'These records are not sent. An error opens again by itself when the failing value changes.' : 'The records are read again and tried in a run that starts now.'}</p>
        </Ask>
      )}
      {shown && (
        <Dialog title="Error of one record" onClose={() => setShown(undefined)}>
          <Facts>
            <Fact name="Record"><Foreign text={shown.key} most={120} /></Fact>
            <Fact name="What is wrong"><Foreign text={shown.message} most={600} /></Fact>
            <Fact name="Where">{errorStageName(shown.stage)}{shown.field && <>, field <code><Foreign text={shown.field} /></code></>} (<code>{shown.code}</code>)</Fact>
            <Fact name="Seen">first <Time at={shown.first_seen} />, last <Time at={shown.last_seen} />, {plural(shown.attempts, 'try', 'tries')}</Fact>
          </Facts>
          <RecordDetail name={name} recordKey={shown.key} compact />
          <div class="dialog-foot">
            <a class="button plain" href={linkTo(['i', name, 'record'], { key: shown.key })} onClick={() => setShown(undefined)}>All about this record</a>
            {mayChange && state === 'open' && <Button onClick={() => { setQuestion({ action: 'ignore', choice: { keys: [shown.key], sync: shown.sync }, records: 1, what: shown.message }); setShown(undefined); }}>Ignore</Button>}
            {mayChange && <Button kind="main" onClick={() => { setQuestion({ action: 'retry', choice: { keys: [shown.key], sync: shown.sync }, records: 1, what: shown.message }); setShown(undefined); }}>Retry</Button>}
          </div>
        </Dialog>
      )}
    </>
  );
}
