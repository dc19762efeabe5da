/** What one run of a deployed DAG is expected to use of AWS, besides the work of external engines. Pure. */
import type { Usage } from '../deployment/prices.ts';
import { engineNamed } from '../engines/all.ts';
import type { DagNode } from '../model/dag.ts';
import type { CallNode, TaskNode } from '../model/task.ts';
import { boundsOf } from './bounds/bounds.ts';
import type { Compiled } from './compile.ts';

/** Seconds a call of a DAG's function takes where nobody has measured: most calls hand work on and come back. */
const ASSUMED_CALL_SECONDS = 0.1;
/** MB of a function where its task names none. */
const DEFAULT_MEMORY = 512;

/**
 * What the ledger takes for a run from its tick to its end, the index included, as `test/aws/dynamodb/units.test.ts`
 * counts it: task runs are kept together, so that a task adds a part of a unit.
 */
const LEDGER = { writes: 22, writesPerTask: 0.25, reads: 17, readsPerTask: 0.05 } as const;

/** Core's part of a run: the tick that makes it, and the record of its end. MB as declared. */
const CORE_CALLS = [512, 1024] as const;

/** Bytes of log that one call of a function leaves: Lambda's start, end and report lines, and one of its own. */
const LOG_BYTES_PER_CALL = 1_200;

const GB = 1024;

/** `secondsOf`: how long a call for each task takes. @default 0.1 s */
export function runUsage(
  dag: DagNode,
  compiled: Compiled,
  secondsOf: (task: string) => number = () => ASSUMED_CALL_SECONDS,
): Usage {
  const calls = dag.tasks.filter(({ call }) => callsFunction(call));
  const pooled = dag.tasks.filter(({ pool }) => pool !== undefined).length;
  const { plan } = compiled;
  const taskGbSeconds = calls.map((task) => secondsOf(task.id) * (memoryOf(task) / GB));
  const coreGbSeconds = CORE_CALLS.map((memory) => ASSUMED_CALL_SECONDS * (memory / GB));
  const requests = calls.length + CORE_CALLS.length + 2 * pooled;
  // A latch is one write of each side; the pool writes as its place is taken and given back.
  const machineWrites = 2 * plan.latches.length + 2 * plan.earlyJoins + 4 * pooled;
  return {
    transitions: boundsOf(dag, compiled).expected.transitions,
    lambdaRequests: requests,
    lambdaGbSeconds: sum([...taskGbSeconds, ...coreGbSeconds]),
    tableWrites: LEDGER.writes + LEDGER.writesPerTask * dag.tasks.length + machineWrites,
    tableReads: LEDGER.reads + LEDGER.readsPerTask * dag.tasks.length + plan.reads,
    schedules: dag.schedule.kind === 'manual' || dag.schedule.kind === 'continuous' ? 0 : 1,
    customEvents: 1,
    logGb: (requests * LOG_BYTES_PER_CALL) / GB ** 3,
  };
}

function callsFunction(call: CallNode): boolean {
  if (call.kind === 'choose' || call.kind === 'shortCircuit' || call.kind === 'at') return false;
  return call.kind !== 'engine' || engineNamed(call.engine)?.pattern !== 'sync';
}

function memoryOf({ call }: TaskNode): number {
  return call.kind === 'fn' ? (call.memory ?? DEFAULT_MEMORY) : DEFAULT_MEMORY;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
