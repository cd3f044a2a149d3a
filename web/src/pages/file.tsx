// The integration file and its schedule. The service never changes an existing file: a change is shown as a diff to apply.
import { useState } from 'preact/hooks';
import { api, messageOf, ofIntegration } from '../api/client';
import type { Definition, DiffAnswer } from '../api/types';
import { useMayChange } from '../app';
import { moment } from '../lib/format';
import { useLoad } from '../lib/load';
import { Badge, Button, Card, Code, CopyButton, Diff, Fact, Facts, Foreign, FormField, Loading, Notice } from '../ui/basics';

function days(seconds: number): string {
  return seconds % 86_400 === 0 ? `${seconds / 86_400} days` : `${Math.round(seconds / 3600)} hours`;
}

function Change({ name, text, onClose }: { name: string; text: string; onClose: () => void }) {
  const [changed, setChanged] = useState(text);
  const [answer, setAnswer] = useState<DiffAnswer>();
  const [problem, setProblem] = useState<string>();
  const compare = async () => {
    setProblem(undefined);
    setAnswer(undefined);
    try {
      setAnswer(await api.post<DiffAnswer>(ofIntegration(name, 'diff'), { text: changed }));
    } catch (failure) {
      setProblem(messageOf(failure));
    }
  };
  return (
    <Card title="Change it" actions={<Button onClick={onClose}>Close</Button>}>
      <FormField label="Changed file" hint="Nothing is written: you get a diff to review and apply where the files are kept.">
        {({ id, describedBy }) => <textarea id={id} aria-describedby={describedBy} class="editor" spellcheck={false} rows={24} value={changed} onInput={(event) => setChanged(event.currentTarget.value)} />}
      </FormField>
      <div class="actions"><Button kind="main" onClick={compare}>Check, and show the diff</Button></div>
      {problem && <Notice tone="bad"><Foreign text={problem} most={600} /></Notice>}
      {answer && (
        <>
          <p><Badge tone={answer.ok ? 'good' : 'bad'}>{answer.ok ? 'The file is fine' : 'The file has errors'}</Badge></p>
          {answer.diagnostics.length > 0 && <ul>{answer.diagnostics.map((line) => <li key={line}><Foreign text={line} most={400} /></li>)}</ul>}
          {answer.diff === '' ? <p>Nothing differs.</p> : <><Diff text={answer.diff} /><div class="actions"><CopyButton text={answer.diff} what="the diff" /></div><p class="faint">Apply it in the folder of the files with <code>patch -p0</code>. The service takes up the new file by itself.</p></>}
        </>
      )}
    </Card>
  );
}

export function FileTab({ name }: { name: string }) {
  const [changing, setChanging] = useState(false);
  const definition = useLoad<Definition>(ofIntegration(name));
  const file = useLoad<string>(ofIntegration(name, 'file'));
  const mayChange = useMayChange();
  const failed = definition.error ?? file.error;
  if (failed) return <Notice tone="bad">{failed}</Notice>;
  if (!definition.data || file.data === undefined) return <Loading />;
  const { schedule, retention, diagnostics } = definition.data;
  return (
    <>
      <Card title="Schedule">
        <Facts>
          <Fact name="Runs start">{schedule.text === 'manual' ? 'by hand only' : schedule.text}</Fact>
          {schedule.timezone && <Fact name="Time zone">{schedule.timezone}</Fact>}
          {(schedule.next ?? []).length > 0 && <Fact name="Next starts"><ul class="plain-list">{(schedule.next ?? []).map((at) => <li key={at}>{moment(at)}</li>)}</ul></Fact>}
          <Fact name="History is kept">{days(retention.runs_seconds)}</Fact>
          <Fact name="Resolved errors are kept">{days(retention.resolved_errors_seconds)}</Fact>
        </Facts>
      </Card>
      {changing ? <Change name={name} text={file.data} onClose={() => setChanging(false)} /> : (
        <Card title={definition.data.file} actions={<><CopyButton text={file.data} what="the file" />{mayChange && <Button onClick={() => setChanging(true)}>Change</Button>}</>}>
          {diagnostics.length > 0 && <Notice tone="calm"><ul>{diagnostics.map((line) => <li key={line}><Foreign text={line} most={300} /></li>)}</ul></Notice>}
          <Code label={`File ${definition.data.file}`} text={file.data} />
        </Card>
      )}
    </>
  );
}
