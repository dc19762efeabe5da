/** DAGs that a stack has no more: CloudFormation is about to delete their machines, and with those what runs on them. */
import { RefusedError } from '../base/errors.ts';
import { dagName, rerunName } from '../deployment/names.ts';
import { isFinal, type Run } from '../model/run.ts';
import { cancelRun } from '../orchestrator/cancel.ts';
import { machineNameOf } from './executions.ts';
import { machineOf } from './launcher.ts';
import type { AwsWorld } from './world.ts';

export interface Removal {
  readonly stack: string;
  /** Ids of DAGs that the stack had and has no more; retired, so that none is started any more. */
  readonly dagIds: readonly string[];
  /** Those whose runs are cancelled. */
  readonly cancel: readonly string[];
  /** Until when runs that are cancelled may take to end, milliseconds since the epoch. */
  readonly untilMs: number;
}

/** A start that was under way as the DAG was retired is in the ledger by then, milliseconds. */
const SETTLE_MS = 2_000;
const LOOK_MS = 1_000;

const CANCELLER = { name: 'deployment', via: 'cli' } as const;

/** @throws {RefusedError} `active-runs` where runs go on on a machine of the stack that nobody wants cancelled */
export async function assertRemovable(world: AwsWorld, removal: Removal): Promise<void> {
  if (removal.dagIds.length === 0) return;
  await world.clock.until(world.clock.now() + SETTLE_MS);
  const problems: string[] = [];
  for (const dagId of removal.dagIds) {
    const active = await activeRuns(world, removal.stack, dagId);
    if (active.length === 0) continue;
    if (removal.cancel.includes(dagId)) await cancelAll(world, removal, dagId);
    else problems.push(activeText(dagId, active.length));
  }
  if (problems.length > 0) throw new RefusedError('active-runs', problems.join('\n'));
}

/** As long as some go on: cancelled is a run when its execution has ended. */
async function cancelAll(world: AwsWorld, { stack, untilMs }: Removal, dagId: string): Promise<void> {
  for (const run of await activeRuns(world, stack, dagId))
    await cancelRun(world, CANCELLER, { dagId, runId: run.id }).catch(unlessEnded);
  for (;;) {
    const active = await activeRuns(world, stack, dagId);
    if (active.length === 0) return;
    if (world.clock.now() + LOOK_MS > untilMs)
      throw new RefusedError(
        'active-runs',
        `dag "${dagId}" was removed and ${runsText(active.length)} being cancelled, which take longer than a deployment waits: deploy again`,
      );
    await world.clock.until(world.clock.now() + LOOK_MS);
  }
}

function unlessEnded(error: unknown): void {
  if (error instanceof RefusedError && error.code === 'run-ended') return;
  throw error;
}

/** Runs whose execution is on a machine of this stack: the DAG itself may have moved to another one. */
async function activeRuns(world: AwsWorld, stack: string, dagId: string): Promise<readonly Run[]> {
  const { environment } = world.place;
  const own = [dagName(environment, dagId, stack), rerunName(environment, dagId, stack)];
  const open = await world.store.runs.open({ dagId });
  const active: Run[] = [];
  for (const run of open) {
    if (run.state === 'queued' || isFinal(run.state)) continue;
    const version = await world.versionOf(dagId, run.version);
    const machine = version?.deployment && machineOf(run, version.deployment);
    if (machine !== undefined && own.includes(machineNameOf(machine))) active.push(run);
  }
  return active;
}

function activeText(dagId: string, count: number): string {
  return `dag "${dagId}" was removed but has ${count} active ${count === 1 ? 'run: let it end, cancel it' : 'runs: let them end, cancel them'}, or deploy with -c tutti:cancel=${dagId}`;
}

function runsText(count: number): string {
  return count === 1 ? '1 run is' : `${count} runs are`;
}
