// The contract's shapes, by short names. `npm run types` makes schema.d.ts from host/serve/openapi.yaml.
import type { components } from './schema';

type Schemas = components['schemas'];
export type Session = Schemas['Session'];
export type Overview = Schemas['Overview'];
export type FileProblem = Schemas['FileProblem'];
export type Definition = Schemas['Definition'];
export type SyncView = Schemas['SyncView'];
export type Field = Schemas['Field'];
export type Status = Schemas['Status'];
export type Step = Schemas['Step'];
export type Run = Schemas['Run'];
export type SyncCounts = Schemas['SyncCounts'];
export type Progress = Schemas['Progress'];
export type Ended = Schemas['Ended'];
export type Cause = Schemas['Cause'];
export type RecordError = Schemas['RecordError'];
export type RecordView = Schemas['Record'];
export type PlanState = Schemas['PlanState'];
export type CheckReport = Schemas['CheckReport'];
export type Account = Schemas['Account'];
export type Connector = Schemas['Connector'];
export type Discovery = Schemas['Discovery'];
export type Side = Schemas['Side'];
export type Draft = Schemas['Draft'];
export type Rendering = Schemas['Rendering'];
export type Problem = Schemas['Problem'];
export type Stage = Schemas['Stage'];
export type Lifecycle = Schemas['Lifecycle'];
export type Decision = Schemas['Decision'];

export interface IntegrationsPage { integrations: Overview[]; problems: FileProblem[]; total: number; next: string | null }
export interface RunsPage { runs: Run[]; next: number | null }
export interface ErrorsPage { count: number; errors: RecordError[]; next: string | null }
export interface CausesAnswer { count: number; causes: Cause[] }
export interface Decided { done: boolean; affected: number; holder?: string }
export interface RecordAnswer { key: string; syncs: Record<string, RecordView> }
export interface ConnectorsAnswer { connectors: Connector[]; problems: string[] }
export interface Preset { name: string; description: string; fields: Field[] }
export interface DiffAnswer { ok: boolean; diagnostics: string[]; diff: string }

// One option of a connector, stream or object: a property of a JSON Schema.
export interface OptionSchema {
  type?: string;
  description?: string;
  default?: unknown;
  examples?: unknown[];
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  writeOnly?: boolean;
  format?: string;
}
export interface OptionsSchema { properties?: Record<string, OptionSchema>; required?: string[] }

// host/pipeline/plan.hpp
export interface Plan {
  integration: string;
  state: string;
  stage: Stage;
  notes: string[];
  fields_to_create: { sync: string; name: string }[];
  syncs: PlanSync[];
  calls: { source: { made: number }; destination: { made: number; planned: PlanClass[] | null } };
  minutes: number | null;
}
export interface PlanClass { class: string; calls: number; requests: number; window_ms: number; minutes: number }
export interface PlanSync {
  sync: string;
  read: number;
  full_needed?: string;
  create: number;
  update: number;
  rekey: number;
  depart: Record<string, number>;
  left_out: Record<string, number>;
  records: PlanRecord[];
  skipped: { key: string; because: string }[];
  rejected: number;
  errors: { key: string; code: string; field: string; message: string; new: boolean }[];
  guard?: string;
}
export interface PlanRecord {
  key: string;
  destination_key: string;
  previous_key?: string;
  does: 'create' | 'update' | 'rekey' | 'depart';
  action?: string;
  because?: string;
  fields?: { name: string; old: unknown; new: unknown }[];
  sets?: { name: string; add: string[]; remove: string[] }[];
  opted_out?: string[];
}
