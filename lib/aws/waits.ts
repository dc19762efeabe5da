/**
 * Tasks that wait for runs of other DAGs. Who waits registers first and looks then; a run that ends is kept first, and
 * those that wait for it are looked up then: whichever comes second sees the other, so no wake-up is lost.
 */
import { verdictOn } from '../engines/run-wait.ts';
import type { TriggeredRun } from '../engines/trigger.ts';
import { isFinal, type Run, type RunKey } from '../model/run.ts';
import type { AwaitedRun } from '../model/run-input.ts';
import type { RunStore } from '../store/store.ts';
import type { Sfn } from './history-page.ts';
import { deleteItem, type Item, itemsOf, putItem, type Table } from './table.ts';
import { failTask, succeedTask } from './tokens.ts';

/** A task that waits for a run. */
export interface RunWait extends Pick<AwaitedRun, 'dagId' | 'states' | 'failOn'> {
  /** As runs have it, not the day or instant that somebody wrote. */
  readonly logicalDate: string;
  /** That run alone. @default the newest of that logical date */
  readonly runId?: string;
  /** Error of the task where the run ended in a state of `failOn`. */
  readonly error: string;
  /** By which the task is answered. */
  readonly token: string;
  readonly consumer: WaitConsumer;
}

/** Which task waits: the same for each renewal of its wait. */
export interface WaitConsumer extends RunKey {
  readonly attempt: number;
  readonly task: string;
  readonly instance?: string;
}

export interface WaitPlace {
  readonly table: Table;
  readonly sfn: Sfn;
  /** The run that a wait is for as it is now, read consistently. Absent: there is none yet. */
  readonly look: (wait: Pick<RunWait, 'dagId' | 'logicalDate' | 'runId'>) => Promise<Run | undefined>;
}

/** Looks in the ledger: at the run that is named, else at the newest of the date. */
export function newestIn(runs: Pick<RunStore, 'get' | 'list'>): WaitPlace['look'] {
  return async ({ dagId, logicalDate, runId }) => {
    if (runId !== undefined) return runs.get({ dagId, runId });
    const { items } = await runs.list({ dagId, from: logicalDate, to: logicalDate, limit: 1 });
    return items[0];
  };
}

/** A wait is renewed within 128 hours (`RENEWAL` of the compiler): what is twice as old is nobody's. Seconds. */
const KEPT_SECONDS = 2 * 128 * 3_600;

/** Keeps a wait, or answers it at once where the run is what is waited for. */
export async function registerWait(place: WaitPlace, wait: RunWait, nowMs: number): Promise<void> {
  const item: Item = {
    pk: partitionOf(wait),
    sk: sortKeyOf(wait.consumer),
    token: wait.token,
    states: wait.states.join(' '),
    failOn: wait.failOn.join(' '),
    error: wait.error,
    ...(wait.runId === undefined ? {} : { runId: wait.runId }),
    ttl: Math.floor(nowMs / 1000) + KEPT_SECONDS,
  };
  await putItem(place.table, item);
  const run = await place.look(wait);
  if (run !== undefined) await answer(place, item, run);
}

/** Answers those who wait for a run that has ended, or was marked. Gives how many were answered. */
export async function releaseWaits(place: WaitPlace, run: Run): Promise<number> {
  if (!isFinal(run.state)) return 0;
  const { dagId, logicalDate } = run;
  let answered = 0;
  for (const item of await itemsOf(place.table, partitionOf(run))) {
    const runId = item['runId'];
    if (runId !== undefined && runId !== run.id) continue;
    // Of several runs of one date the newest counts.
    const now = runId === undefined ? await place.look({ dagId, logicalDate }) : run;
    if (now !== undefined && (await answer(place, item, now))) answered += 1;
  }
  return answered;
}

async function answer({ table, sfn }: WaitPlace, item: Item, run: Run): Promise<boolean> {
  const terms = { states: listIn(item, 'states'), failOn: listIn(item, 'failOn') };
  const verdict = isFinal(run.state) ? verdictOn(run.state, terms) : 'waiting';
  if (verdict === 'waiting') return false;
  const token = String(item['token']);
  const cause = `run "${run.id}" of dag "${run.dagId}": is ${run.state}`;
  if (verdict === 'there') await succeedTask(sfn, token, { ...outcomeOf(run) });
  else await failTask(sfn, token, { error: String(item['error']), cause });
  // One that was renewed meanwhile has another token, and looks for itself.
  await deleteItem(table, item, { field: 'token', is: token });
  return true;
}

function outcomeOf({ dagId, id, logicalDate, state }: Run): TriggeredRun {
  return { dagId, runId: id, logicalDate, state: state === 'starting' ? 'queued' : state };
}

function listIn(item: Item, field: string): AwaitedRun['states'] {
  // What `AwaitedRun` had was written so, and nobody else writes the item.
  return String(item[field]).split(' ') as unknown as AwaitedRun['states'];
}

function partitionOf({ dagId, logicalDate }: Pick<Run, 'dagId' | 'logicalDate'>): string {
  return `WAIT#${dagId}#${logicalDate}`;
}

function sortKeyOf({ dagId, runId, attempt, task, instance }: WaitConsumer): string {
  return `${dagId}#${runId}#${attempt}#${task}${instance === undefined ? '' : `#${instance}`}`;
}
