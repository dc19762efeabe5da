import { RefusedError } from '../../base/errors.ts';
import { isObject } from '../../base/json.ts';
import { nearest } from '../../base/suggest.ts';
import type { ScheduleOptions } from './schedule-simulation.ts';

/**
 * Scripts and events name DAGs and tasks that there are, and instants that are some.
 *
 * @throws {RefusedError} `unknown-dag`, `unknown-task`, `invalid-instant`
 */
export function checkNames({
  dags,
  scripts = {},
  events = [],
}: Pick<ScheduleOptions, 'dags' | 'scripts' | 'events'>): void {
  const tasks = new Map(dags.map(({ id, tasks: own }) => [id, own.map((task) => task.id)]));
  const check = (where: string, name: string) => {
    const [dagId = '', task] = splitOnce(name);
    const known = tasks.get(dagId);
    if (known === undefined) throw unknown('dag', where, { got: dagId, known: [...tasks.keys()] });
    if (task !== undefined && !known.includes(task)) throw unknown('task', where, { got: task, known });
  };
  for (const dagId of Object.keys(scripts)) check('scripts', dagId);
  for (const [index, event] of events.entries()) checkEvent(`events[${index}]`, event, check);
}

function checkEvent(
  where: string,
  event: NonNullable<ScheduleOptions['events']>[number],
  check: (where: string, name: string) => void,
): void {
  for (const at of 'at' in event ? [event.at] : [event.from, event.to]) checkInstant(where, at);
  if ('pause' in event) check(`${where}.pause`, event.pause);
  if ('unpause' in event) check(`${where}.unpause`, event.unpause);
  if ('outage' in event) check(`${where}.outage`, event.outage);
  for (const [what, request] of Object.entries(event))
    if (isRequest(request)) check(`${where}.${what}`, request.dagId);
}

function isRequest(value: unknown): value is { readonly dagId: string } {
  return isObject(value) && typeof value['dagId'] === 'string';
}

/** `dag/task` → both; a DAG alone → itself. */
function splitOnce(name: string): readonly string[] {
  const at = name.indexOf('/');
  return at === -1 ? [name] : [name.slice(0, at), name.slice(at + 1)];
}

interface Unknown {
  readonly got: string;
  readonly known: readonly string[];
}

function unknown(what: 'dag' | 'task', where: string, { got, known }: Unknown): RefusedError {
  const near = nearest(got, [...known]);
  const remedy = near === undefined ? `there are ${known.slice(0, 8).join(', ')}` : `did you mean "${near}"?`;
  return new RefusedError(
    `unknown-${what}`,
    `simulation › ${where}: must name a ${what} that is simulated, got "${got}"; ${remedy}`,
  );
}

function checkInstant(where: string, at: string): void {
  if (typeof at === 'string' && !Number.isNaN(Date.parse(at))) return;
  throw new RefusedError(
    'invalid-instant',
    `simulation › ${where}: must happen at an instant, got ${JSON.stringify(at)}; write 2026-08-22T02:00:00Z`,
  );
}
