/** Which try of the author's a sensor's look belongs to: Step Functions counts every look as a try. */
import { NOT_READY } from '../../engines/sensor.ts';
import type { TaskEvent } from '../../model/run-input.ts';
import type { ItemKey, RunTable } from './run-table.ts';

/** The event of a sensor with the author's try, from 1; any other as it is. */
export async function numbered(table: RunTable, event: TaskEvent): Promise<TaskEvent> {
  if (event.poke === undefined || event.try === 1) return event;
  const [item] = await table.get([keyOf(event)]);
  return { ...event, try: 1 + Number(item?.['failed'] ?? 0) };
}

/** A look ended with an error: another try follows, if any does, unless nothing was there. */
export async function lookFailed(table: RunTable, event: TaskEvent, error: string): Promise<void> {
  if (error === NOT_READY || event.poke === undefined) return;
  await table.count(keyOf(event), 'failed', { ttl: Number(event.execution.run.expires) });
}

/** `N#<attempt>#<task>[#<counter>…]`, beside what the task records. */
function keyOf({ execution: { run }, task, instance }: TaskEvent): ItemKey {
  const counters = instance === undefined ? '' : `#${instance.replaceAll('.', '#')}`;
  return { pk: `RUN#${run.dagId}#${run.id}`, sk: `N#${run.attempt}#${task}${counters}` };
}
