// Questions before something is decided.
import { useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { messageOf } from '../api/client';
import { Button, Dialog, FormField, Notice } from './basics';

interface Question {
  title: string;
  action: string;
  kind?: 'main' | 'danger';
  children?: ComponentChildren;
  why?: boolean;
  confirm?: string;  // a text to type
  run: (why: string, confirm: string) => Promise<void>;
  onClose: () => void;
}

export function Ask({ title, action, kind = 'main', children, why, confirm, run, onClose }: Question) {
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await run(reason, typed);
      onClose();
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={send}>
        {children}
        {why && (
          <FormField label="Why" hint="Kept with the decision, for whoever asks later.">
            {({ id, describedBy }) => <input id={id} aria-describedby={describedBy} value={reason} maxLength={1000} onInput={(event) => setReason(event.currentTarget.value)} />}
          </FormField>
        )}
        {confirm !== undefined && (
          <FormField label={`Type ${confirm} to confirm`}>
            {({ id }) => <input id={id} value={typed} autocomplete="off" spellcheck={false} onInput={(event) => setTyped(event.currentTarget.value)} />}
          </FormField>
        )}
        {problem && <Notice tone="bad">{problem}</Notice>}
        <div class="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind={kind} disabled={busy || (confirm !== undefined && typed !== confirm)}>{action}</Button>
        </div>
      </form>
    </Dialog>
  );
}
