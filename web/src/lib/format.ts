// Numbers, times and values as people read them.
const numbers = new Intl.NumberFormat('en');
const dates = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

export function count(value: number): string {
  return numbers.format(value);
}

// "1 error", "2,000 errors".
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

export function moment(ms: number): string {
  return dates.format(ms);
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000], ['month', 2_592_000], ['day', 86_400], ['hour', 3_600], ['minute', 60],
];

// "2 hours ago", "in 5 minutes", "just now".
export function ago(ms: number, now = Date.now()): string {
  const seconds = (ms - now) / 1000;
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  if (Math.abs(seconds) < 5) return 'just now';
  return relative.format(Math.trunc(seconds), 'second');
}

export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.round(hours / 24)} days`;
}

export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let size = value / 1024;
  let unit = 0;
  for (; size >= 1024 && unit < units.length - 1; ++unit) size /= 1024;
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

// A value of a document, on one line.
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'string') return value === '' ? '(empty)' : value;
  if (Array.isArray(value)) return value.length === 0 ? '(none)' : value.map(valueText).join(', ');
  return JSON.stringify(value);
}

// Cuts between characters as people count them, so that no emoji is cut in two; at most 32 units a character, so that a
// pile of accents is cut, too.
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  let kept = '';
  let last = '';
  let number = 0;
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)) {
    if (++number > most) return `${kept.slice(0, kept.length - last.length)}…`;
    if (kept.length + segment.length > most * 32) return `${kept}${segment.slice(0, Math.max(0, most * 32 - kept.length))}…`;
    kept += segment;
    last = segment;
  }
  return text;
}

const STAGES: Record<string, string> = {
  validate: 'Validate', initial: 'Initial sync', full: 'Sync all', incremental: 'Incremental sync', events: 'Events',
};
export function stageName(stage: string): string {
  return STAGES[stage] ?? stage;
}

const CODES: Record<string, string> = {
  check: 'Check', mapping: 'Mapping', constraint: 'Refused by the destination beforehand', duplicate: 'Duplicate key',
  source: 'Source', write: 'Refused by the destination',
};
export function errorStageName(stage: string): string {
  return CODES[stage] ?? stage;
}
