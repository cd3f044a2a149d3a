// Small parts that all pages are made of.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { ago, moment, shorten } from '../lib/format';

type Tone = 'good' | 'bad' | 'warn' | 'calm' | 'busy';

export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

const STATES: Record<string, [Tone, string]> = {
  new: ['calm', 'New'], validated: ['warn', 'Validated'], sampled: ['warn', 'Initial sync done'], active: ['good', 'Active'],
  paused: ['warn', 'Paused'], unlinked: ['calm', 'Unlinked'],
};
export function StateBadge({ state, running }: { state: string; running?: boolean }) {
  if (running) return <Badge tone="busy">Running</Badge>;
  const [tone, text] = STATES[state] ?? ['calm', state];
  return <Badge tone={tone}>{text}</Badge>;
}

const RESULTS: Record<string, [Tone, string]> = {
  done: ['good', 'Done'], errors: ['warn', 'Done, with record errors'], interrupted: ['calm', 'Interrupted'],
  refused: ['bad', 'Refused'], failed: ['bad', 'Failed'], '': ['busy', 'Under way'],
};
export function ResultBadge({ result }: { result: string }) {
  const [tone, text] = RESULTS[result] ?? ['calm', result];
  return <Badge tone={tone}>{text}</Badge>;
}

export function Time({ at }: { at: number }) {
  return <time dateTime={new Date(at).toISOString()} title={moment(at)}>{ago(at)}</time>;
}

// Text of a vendor or a record: kept in its own direction, long text opens on demand.
export function Foreign({ text, most = 200 }: { text: string; most?: number }) {
  const [open, setOpen] = useState(false);
  const short = shorten(text, most);
  if (short === text) return <bdi class="foreign">{text}</bdi>;
  return (
    <>
      <bdi class="foreign">{open ? text : short}</bdi>{' '}
      <button type="button" class="link" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? 'show less' : `show all ${text.length.toLocaleString('en')} characters`}
      </button>
    </>
  );
}

export function Notice({ tone, children }: { tone: 'bad' | 'warn' | 'good' | 'calm'; children: ComponentChildren }) {
  return <div class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>{children}</div>;
}

export function Loading() {
  return <p class="loading" role="status">Loading…</p>;
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return <div class="empty"><p class="empty-title">{title}</p>{children}</div>;
}

export function Card({ title, actions, children, label }: { title?: string; actions?: ComponentChildren; children: ComponentChildren; label?: string }) {
  const id = useId();
  return (
    <section class="card" {...(title ? { 'aria-labelledby': id } : label ? { 'aria-label': label } : {})}>
      {(title || actions) && <header class="card-head">{title && <h2 id={id}>{title}</h2>}{actions && <div class="actions">{actions}</div>}</header>}
      {children}
    </section>
  );
}

// A table that scrolls by itself when it is too wide, by keyboard too.
export function Table({ label, children }: { label: string; children: ComponentChildren }) {
  return <div class="table" role="region" aria-label={label} tabIndex={0}><table>{children}</table></div>;
}

type ButtonProps = Omit<JSX.HTMLAttributes<HTMLButtonElement>, 'onClick'> & {
  kind?: 'main' | 'plain' | 'danger';
  disabled?: boolean;
  type?: 'button' | 'submit';
  onClick?: () => unknown;
  children: ComponentChildren;
};
// While what it started goes on, a button cannot be pressed again.
export function Button({ kind = 'plain', disabled, type = 'button', onClick, children, ...rest }: ButtonProps) {
  const [busy, setBusy] = useState(false);
  const alive = useRef(true);
  useEffect(() => () => { alive.current = false; }, []);
  const press = async () => {
    const outcome = onClick?.();
    if (!(outcome instanceof Promise)) return;
    setBusy(true);
    try {
      await outcome;
    } finally {
      if (alive.current) setBusy(false);
    }
  };
  return <button {...rest} type={type} class={`button ${kind}`} disabled={disabled || busy} aria-busy={busy} onClick={onClick ? press : undefined}>{children}</button>;
}

// A modal dialog of the browser's own: focus stays inside, Escape closes, focus goes back.
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    // Closing gives the focus back, which an element behind an open dialog cannot take.
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={element} aria-labelledby={id} onCancel={(event) => { event.preventDefault(); onClose(); }}>
      <header class="dialog-head"><h2 id={id}>{title}</h2><button type="button" class="icon" aria-label="Close" onClick={onClose}>✕</button></header>
      {children}
    </dialog>
  );
}

export interface FieldProps { label: string; hint?: string | undefined; error?: string | undefined; required?: boolean; children: (ids: { id: string; describedBy: string | undefined; invalid: boolean }) => ComponentChildren }
export function FormField({ label, hint, error, required, children }: FieldProps) {
  const id = useId();
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>{label}{required && <span class="needed"> (required)</span>}</label>
      {children({ id, describedBy: described || undefined, invalid: error !== undefined })}
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {error && <p class="field-error" id={`${id}-error`}>{error}</p>}
    </div>
  );
}

// Key and value pairs.
export function Facts({ children }: { children: ComponentChildren }) {
  return <dl class="facts">{children}</dl>;
}
export function Fact({ name, wide, children }: { name: string; wide?: boolean; children: ComponentChildren }) {
  return <div class={wide ? 'wide' : undefined}><dt>{name}</dt><dd>{children}</dd></div>;
}

export function Code({ text, label }: { text: string; label: string }) {
  return <pre class="code" tabIndex={0} role="region" aria-label={label}><code>{text}</code></pre>;
}

export function Diff({ text }: { text: string }) {
  return (
    <pre class="code" tabIndex={0} role="region" aria-label="Changes">
      {text.split('\n').map((line) => {
        const kind = line.startsWith('+++') || line.startsWith('---') || line.startsWith('@@') ? 'diff-head' : line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : '';
        return <span class={`diff-line ${kind}`}>{line}{'\n'}</span>;
      })}
    </pre>
  );
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [done, setDone] = useState(false);
  return (
    <Button onClick={async () => {
      await navigator.clipboard.writeText(text);
      setDone(true);
      setTimeout(() => setDone(false), 2000);
    }}>
      <span aria-live="polite">{done ? 'Copied' : `Copy ${what}`}</span>
    </Button>
  );
}
