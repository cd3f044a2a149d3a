// The frame: who is signed in, where one can go, and the page that the address names.
import type { ComponentChildren } from 'preact';
import { createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { ApiProblem, api, messageOf, whenSignedOut } from './api/client';
import type { Session } from './api/types';
import { linkTo, useRoute } from './lib/route';
import { applyTheme, storedTheme, type Theme } from './lib/theme';
import { ConnectorsPage } from './pages/connectors';
import { IntegrationPage } from './pages/integration';
import { OverviewPage } from './pages/overview';
import { SignIn } from './pages/sign-in';
import { WizardPage } from './pages/wizard';
import { Empty, Loading, Notice } from './ui/basics';

const SessionContext = createContext<Session | null>(null);
export function useMayChange(): boolean {
  return useContext(SessionContext)?.role === 'operator';
}

function ThemeChoice() {
  const [theme, setTheme] = useState<Theme>(storedTheme());
  return (
    <select class="theme" aria-label="Colours" value={theme} onChange={(event) => {
      const chosen = event.currentTarget.value as Theme;
      applyTheme(chosen);
      setTheme(chosen);
    }}>
      <option value="system">System</option>
      <option value="light">Light</option>
      <option value="dark">Dark</option>
    </select>
  );
}

function Frame({ session, onSignOut, children }: { session: Session; onSignOut: () => void; children: ComponentChildren }) {
  const { hash, path } = useRoute();
  const main = useRef<HTMLElement>(null);
  const section = path[0] ?? '';
  const link = (target: string, text: string, current: boolean) => <a href={target} aria-current={current ? 'page' : undefined}>{text}</a>;
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>Skip to content</button>
      <header class="top">
        <a class="brand" href="#/"><img src="./icon.svg" alt="" width={28} height={28} />Sluice</a>
        <nav aria-label="Main">
          {link('#/', 'Overview', section === '' || section === 'i')}
          {link('#/connectors', 'Connectors', section === 'connectors')}
          {session.role === 'operator' && link('#/new', 'New integration', section === 'new')}
        </nav>
        <div class="who">
          <ThemeChoice />
          <span class="person" title={`Sluice ${session.version}`}>{session.name}{session.role === 'viewer' && ' (read only)'}</span>
          <button type="button" class="button plain" onClick={onSignOut}>Sign out</button>
        </div>
      </header>
      <main ref={main} tabIndex={-1} data-shows={hash}>{children}</main>
    </>
  );
}

function Page() {
  const { path } = useRoute();
  const [section, name] = path;
  const shown = path.join('/');
  const first = useRef(true);
  // A new page starts at its top, and its heading is where a screen reader goes on.
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    scrollTo(0, 0);
    document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true });
  }, [shown]);
  if (section === undefined) return <OverviewPage />;
  if (section === 'connectors') return <ConnectorsPage />;
  if (section === 'new') return <WizardPage />;
  if (section === 'i' && name !== undefined) return <IntegrationPage key={name} name={name} tab={path[2] ?? ''} />;
  return <Empty title="There is no such page"><a href={linkTo([])}>Go to the overview</a></Empty>;
}

export function App() {
  const [session, setSession] = useState<Session | null>();
  const [note, setNote] = useState<string>();
  const [failed, setFailed] = useState<string>();
  useEffect(() => {
    whenSignedOut(() => {
      setNote('The session has ended: sign in again to go on where you were.');
      setSession(null);
    });
    api.get<Session>('session').then(setSession, (error: unknown) => {
      if (error instanceof ApiProblem && error.problem.status === 401) setSession(null);
      else setFailed(messageOf(error));
    });
  }, []);
  if (failed) return <main><Notice tone="bad">{failed}</Notice></main>;
  if (session === undefined) return <Loading />;
  if (session === null) return <SignIn note={note} onSignedIn={(next) => { setNote(undefined); setSession(next); }} />;
  const signOut = async () => {
    try {
      await api.remove('session');
    } finally {
      setNote(undefined);
      setSession(null);
    }
  };
  return (
    <SessionContext.Provider value={session}>
      <Frame session={session} onSignOut={() => void signOut()}><Page /></Frame>
    </SessionContext.Provider>
  );
}
