// The live progress of one integration, from the service's event stream.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ofIntegration, urlOf } from '../api/client';
import type { Ended, Progress } from '../api/types';

export interface Live { progress: Progress | null; connected: boolean }

export function useLive(name: string, onEnded: (ended: Ended) => void): Live {
  const [live, setLive] = useState<Live>({ progress: null, connected: false });
  const ended = useRef(onEnded);
  ended.current = onEnded;
  useEffect(() => {
    const stream = new EventSource(urlOf(ofIntegration(name, 'progress')));
    stream.addEventListener('progress', (event: MessageEvent<string>) =>
      setLive({ progress: JSON.parse(event.data) as Progress, connected: true }));
    stream.addEventListener('idle', () => setLive({ progress: null, connected: true }));
    stream.addEventListener('ended', (event: MessageEvent<string>) => {
      setLive({ progress: null, connected: true });
      ended.current(JSON.parse(event.data) as Ended);
    });
    stream.addEventListener('error', () => setLive((before) => ({ ...before, connected: false })));
    return () => stream.close();
  }, [name]);
  return live;
}
