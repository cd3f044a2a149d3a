// Requests to the service. Every change carries the header that pages of other origins cannot add.
import type { Problem } from './types';

export class ApiProblem extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

export type Query = Record<string, string | number | boolean | undefined>;

export function urlOf(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return `api/v1/${path}${text ? `?${text}` : ''}`;
}

// A path below one integration.
export function ofIntegration(name: string, rest = ''): string {
  return `integrations/${encodeURIComponent(name)}${rest ? `/${rest}` : ''}`;
}

let onSignedOut: () => void = () => {};
export function whenSignedOut(callback: () => void): void {
  onSignedOut = callback;
}

async function problemOf(response: Response): Promise<Problem> {
  const broken: Problem = {
    type: 'about:blank',
    title: response.statusText,
    status: response.status,
    code: 'internal',
    detail: `The service answered ${response.status} without saying why.`,
  };
  try {
    return { ...broken, ...((await response.json()) as Partial<Problem>) };
  } catch {
    return broken;
  }
}

async function call<T>(method: string, path: string, query: Query, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET') headers['Sluice-Request'] = '1';
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(urlOf(path, query), {
      method,
      headers,
      credentials: 'same-origin',
      cache: 'no-cache',
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiProblem({
      type: 'about:blank',
      title: 'No answer',
      status: 0,
      code: 'internal',
      detail: 'The service does not answer. Is `sluice serve` still running?',
    });
  }
  if (!response.ok) {
    const problem = await problemOf(response);
    if (response.status === 401 && path !== 'session') onSignedOut();
    throw new ApiProblem(problem);
  }
  const text = await response.text();
  if (text === '') return undefined as T;
  return ((response.headers.get('Content-Type') ?? '').includes('json') ? JSON.parse(text) : text) as T;
}

export const api = {
  get: <T>(path: string, query: Query = {}, signal?: AbortSignal) => call<T>('GET', path, query, undefined, signal),
  post: <T>(path: string, body: unknown = {}) => call<T>('POST', path, {}, body),
  remove: <T>(path: string) => call<T>('DELETE', path, {}),
};

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
