/** How stores hand data over: what goes in and what comes out shares nothing that anybody could change. */
import { isFinal, type Run } from '../model/run.ts';
import type { AuditEntry, AuditLog, ExpectedRun, RunQuery } from './store.ts';

/** The value as JSON brings it back, fields that are `undefined` gone, frozen all the way down. */
export function frozenCopy<T>(value: T): T {
  return frozen(JSON.parse(JSON.stringify(value)));
}

/** The value itself, frozen all the way down. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}

/** The value that comes after `value`: with the patch's fields, and one `rev` more. */
export function revised<T extends { readonly rev: number }>(value: T, patch: object): T {
  return frozenCopy({ ...value, ...patch, rev: value.rev + 1 });
}

/** True where a conditional write may go on. */
export function isExpected({ state, attempt, rev }: Run, expected: ExpectedRun): boolean {
  return (
    expected.states.includes(state) &&
    (expected.attempt ?? attempt) === attempt &&
    (expected.rev ?? rev) === rev
  );
}

/** Compares ISO 8601 instants of a run's end: true for a run that ended before; never for one that goes on. */
export function hasEndedBefore({ state, endedAt }: Run, instant: string | undefined): boolean {
  return instant !== undefined && isFinal(state) && endedAt !== undefined && endedAt < instant;
}

/** True for a run that a list asks for. */
export function isAskedRun(
  { state, type, logicalDate }: Run,
  { states, types, from, to }: RunQuery,
): boolean {
  return (
    (states === undefined || states.includes(state)) &&
    (types === undefined || types.includes(type)) &&
    (from === undefined || logicalDate >= from) &&
    (to === undefined || logicalDate <= to)
  );
}

/** True for an entry that a list asks for. */
export function isAskedEntry(
  entry: AuditEntry,
  { from, to, dagId, runId, actor, action }: Parameters<AuditLog['list']>[0],
): boolean {
  const asked = { dagId, runId, actor, action };
  return (
    (['dagId', 'runId', 'actor', 'action'] as const).every(
      (name) => (asked[name] ?? entry[name]) === entry[name],
    ) &&
    (from === undefined || entry.at >= from) &&
    (to === undefined || entry.at <= to)
  );
}
