// Data of the service in a component: loads, reloads, polls while the page is visible, drops answers that come too late.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { api, messageOf, type Query } from '../api/client';

export interface Loaded<T> {
  data: T | undefined;
  error: string | undefined;
  loading: boolean;
  reload: () => void;
}

export function useLoad<T>(path: string | null, query: Query = {}, pollMs = 0): Loaded<T> {
  const [state, setState] = useState<{ of: string; data?: T; error?: string }>({ of: '' });
  const [turn, setTurn] = useState(0);
  const key = path === null ? '' : JSON.stringify([path, query]);
  const busy = useRef(false);
  const reload = useCallback(() => setTurn((value) => value + 1), []);

  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    busy.current = true;
    api.get<T>(path, query, abort.signal).then(
      (data) => setState({ of: key, data }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        // What was shown before stays beside the message.
        setState((before) => ({ of: key, error: messageOf(error), ...(before.of === key && before.data !== undefined ? { data: before.data } : {}) }));
      },
    ).finally(() => {
      if (!abort.signal.aborted) busy.current = false;
    });
    return () => abort.abort();
  }, [key, turn]);

  useEffect(() => {
    if (path === null || pollMs === 0) return;
    const poll = () => {
      if (document.visibilityState === 'visible' && !busy.current) reload();
    };
    const timer = setInterval(poll, pollMs);
    document.addEventListener('visibilitychange', poll);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', poll);
    };
  }, [key, pollMs]);

  const current = state.of === key;
  return {
    data: current ? state.data : undefined,
    error: current ? state.error : undefined,
    loading: !current,
    reload,
  };
}
