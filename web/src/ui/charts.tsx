// Charts as SVG: no inline styles, colours by class, the numbers in words beside.
import { count, moment, plural, stageName } from '../lib/format';
import type { Overview, Run } from '../api/types';

type Activity = Overview['activity'];

// Records a run, the newest at the right.
export function Sparkline({ activity }: { activity: Activity }) {
  const slots = 30;
  const width = 4;
  const height = 28;
  const most = Math.max(1, ...activity.map((run) => run.read));
  const first = slots - activity.length;
  const total = activity.reduce((sum, run) => sum + run.read, 0);
  // A square root keeps small runs visible beside a walk over everything.
  const scale = (value: number) => (value === 0 ? 1 : Math.max(2, Math.round(Math.sqrt(value / most) * height)));
  return (
    <svg class="sparkline" viewBox={`0 0 ${slots * width} ${height}`} role="img" aria-label={`${plural(activity.length, 'run')}, ${plural(total, 'record')} read`}>
      {activity.map((run, i) => {
        const tall = scale(run.read);
        const kind = run.result === 'failed' || run.result === 'refused' ? 'bar-bad' : run.rejected > 0 ? 'bar-warn' : 'bar';
        return <rect key={run.started} class={kind} x={(first + i) * width} y={height - tall} width={width - 1} height={tall} rx={0.5}><title>{`${moment(run.started)}: ${plural(run.read, 'record')}`}</title></rect>;
      })}
    </svg>
  );
}

export interface Bar { run: Run; delivered: number; unchanged: number; rejected: number; other: number }
export function barsOf(runs: Run[]): Bar[] {
  return runs.map((run) => {
    const of = (name: 'read' | 'delivered' | 'unchanged' | 'rejected') => (run.summary.syncs ?? []).reduce((sum, sync) => sum + sync[name], 0);
    const [delivered, unchanged, rejected] = [of('delivered'), of('unchanged'), of('rejected')];
    return { run, delivered, unchanged, rejected, other: Math.max(0, of('read') - delivered - unchanged - rejected) };
  });
}

// A round number that is at least `value`.
export function roundedUp(value: number): number {
  if (value <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 2, 4, 5, 10]) if (value <= step * power) return step * power;
  return 10 * power;
}

// Outcomes of each run, stacked; oldest left.
export function RunChart({ runs, without }: { runs: Run[]; without: boolean }) {
  const bars = barsOf([...runs].reverse()).filter((bar) => !without || bar.run.stage === 'incremental');
  const width = 640;
  const height = 180;
  const [left, right, top, bottom] = [44, 8, 8, 22];
  const most = roundedUp(Math.max(1, ...bars.map((bar) => bar.delivered + bar.unchanged + bar.rejected + bar.other)));
  const step = (width - left - right) / Math.max(bars.length, 12);
  const y = (value: number) => (value / most) * (height - top - bottom);
  const total = (name: 'delivered' | 'unchanged' | 'rejected' | 'other') => bars.reduce((sum, bar) => sum + bar[name], 0);
  const day = (run: Run | undefined) => (run ? new Date(run.started).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' }) : '');
  return (
    <figure class="chart">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`Records of the last ${plural(bars.length, 'run')}: ${count(total('delivered'))} delivered, ${count(total('unchanged'))} unchanged, ${count(total('rejected'))} rejected`}>
        {[0, 0.25, 0.5, 0.75, 1].map((part) => {
          const line = height - bottom - y(most * part);
          return (
            <g key={part}>
              <line class="grid" x1={left} x2={width - right} y1={line} y2={line} />
              <text class="axis" x={left - 6} y={line + 4} text-anchor="end">{count(most * part)}</text>
            </g>
          );
        })}
        {bars.map((bar, i) => {
          let base = height - bottom;
          const stack: [string, number][] = [['bar', bar.delivered], ['bar-same', bar.unchanged], ['bar-other', bar.other], ['bar-bad', bar.rejected]];
          return (
            <g key={bar.run.id}>
              <title>{`${stageName(bar.run.stage)}, ${moment(bar.run.started)}: ${count(bar.delivered)} delivered, ${count(bar.unchanged)} unchanged, ${count(bar.rejected)} rejected`}</title>
              {stack.map(([kind, value]) => {
                if (value === 0) return null;
                const tall = Math.max(1, y(value));
                base -= tall;
                return <rect key={kind} class={kind} x={left + i * step + 1} y={base} width={Math.max(1, step - 2)} height={tall} />;
              })}
              {(bar.run.result === 'failed' || bar.run.result === 'refused') && <text class="mark-bad" x={left + i * step + step / 2} y={height - bottom - 3} text-anchor="middle">✕</text>}
            </g>
          );
        })}
        <text class="axis" x={left} y={height - 6}>{day(bars[0]?.run)}</text>
        <text class="axis" x={width - right} y={height - 6} text-anchor="end">{day(bars.at(-1)?.run)}</text>
      </svg>
      <figcaption>
        <span class="legend bar">delivered</span><span class="legend bar-same">unchanged</span><span class="legend bar-other">left out, deleted or checked</span><span class="legend bar-bad">rejected</span>
      </figcaption>
    </figure>
  );
}
