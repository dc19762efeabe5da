import type { Case, CaseResult, TaskResult } from './case.ts';

/** What differs, in one line; `undefined` when nothing does. */
export function differences(expected: CaseResult, got: CaseResult): string | undefined {
  const ids = [...new Set([...Object.keys(expected.tasks), ...Object.keys(got.tasks)])];
  const lines = [
    ...diff(
      'run',
      { state: expected.runState, endSec: expected.endSec },
      { state: got.runState, endSec: got.endSec },
    ),
    ...ids.flatMap((id) => diff(`task ${id}`, expected.tasks[id], got.tasks[id])),
    ...(expected.inner === undefined ? [] : inside(expected.inner, got.inner ?? {})),
  ];
  return lines.length === 0 ? undefined : lines.join('; ');
}

function inside(
  expected: Readonly<Record<string, TaskResult>>,
  got: Readonly<Record<string, TaskResult>>,
): readonly string[] {
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(got)])];
  return keys.flatMap((key) => diff(key, expected[key], got[key]));
}

function diff(what: string, expected: object | undefined, got: object | undefined): readonly string[] {
  const [wanted, found] = [textOf(expected), textOf(got)];
  return wanted === found ? [] : [`${what} expected ${wanted}, got ${found}`];
}

function textOf(value: object | undefined): string {
  if (value === undefined) return 'nothing';
  const sorted = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([key, field]) => `${key}=${JSON.stringify(field)}`).join(' ');
}

/** A case as a file of the shared format, one task a line. */
export function caseText({ tasks, expected, ...head }: Case): string {
  const lines = (list: readonly string[]) => list.map((line) => `  ${line}`).join(',\n');
  const results = Object.entries(expected?.tasks ?? {}).map(
    ([id, result]) => `${JSON.stringify(id)}: ${JSON.stringify(result)}`,
  );
  return [
    `{ ${JSON.stringify(head).slice(1, -1)}, "tasks": [`,
    lines(tasks.map((task) => JSON.stringify(task))),
    `], "expected": { "runState": "${expected?.runState}", "endSec": ${expected?.endSec}, "tasks": {`,
    lines(results),
    '} } }',
  ].join('\n');
}
