import { useEffect, useState } from 'preact/hooks';
import { api, messageOf } from '../api/client';
import type { Session } from '../api/types';
import { Button, FormField, Notice } from '../ui/basics';

export function SignIn({ note, onSignedIn }: { note?: string | undefined; onSignedIn: (session: Session) => void }) {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  useEffect(() => { document.title = 'Sign in · Sluice'; }, []);
  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      onSignedIn(await api.post<Session>('session', { token: token.trim() }));
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <form class="card" onSubmit={send}>
        <h1><img src="./icon.svg" alt="" width={36} height={36} />Sluice</h1>
        {note && <Notice tone="calm">{note}</Notice>}
        <FormField label="Token" hint="Made on the service’s machine: sluice serve token add NAME --role operator. This browser keeps a session cookie, never the token.">
          {({ id, describedBy }) => <input id={id} type="password" autocomplete="current-password" aria-describedby={describedBy} value={token} required onInput={(event) => setToken(event.currentTarget.value)} />}
        </FormField>
        {problem && <Notice tone="bad">{problem}</Notice>}
        <Button type="submit" kind="main" disabled={busy || token.trim() === ''}>Sign in</Button>
      </form>
    </main>
  );
}
