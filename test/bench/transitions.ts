import { type Compiled, compile } from '../../lib/compiler/compile.ts';
import { definitionBytes } from '../../lib/compiler/plan.ts';
import { simulate } from '../../lib/local/simulate.ts';
import type { TaskNode } from '../../lib/model/task.ts';
import { build, emptyDag } from '../build.ts';
import { criticalPathSec, durationsOf, type Graph, graphsIn } from '../graphs.ts';
import { SHARED } from '../reference/shared.ts';
import { note, print } from './measure.ts';

interface Measured {
  readonly family: string;
  readonly name: string;
  readonly tasks: number;
  readonly transitions: number;
  readonly bytes: number;
  /** Makespan ÷ critical path. */
  readonly stretch: number;
}

/** The real graphs, happy path, in virtual time, recorded durations known to the compiler. */
export async function transitionsBench(): Promise<void> {
  print('transitions.mapped', await mapped(), 'per item');
  const measured: Measured[] = [];
  for (const graph of graphsIn(SHARED)) measured.push(await measure(graph));
  if (measured.length === 0) return note('no graphs: ../shared is not here');
  for (const family of new Set(measured.map((one) => one.family))) {
    const of = measured.filter((one) => one.family === family);
    print(
      `transitions.${family}`,
      perTask(of, ({ transitions }) => transitions),
      'per task',
    );
  }
  print(
    'transitions.worst',
    Math.max(...measured.map(({ transitions, tasks }) => transitions / tasks)),
    'per task',
  );
  print('makespan.worst', Math.max(...measured.map(({ stretch }) => stretch)), 'of critical path');
  const airflow = perTask(
    measured.filter(({ family }) => family === 'airflow-gcp'),
    ({ bytes }) => bytes,
  );
  const rest = perTask(
    measured.filter(({ family }) => family !== 'airflow-gcp'),
    ({ bytes }) => bytes,
  );
  print('definition.bytes_per_task', Math.max(airflow, rest), 'B');
  print('definition.bytes_per_task.airflow-gcp', airflow, 'B');
  print('definition.bytes_per_task.rest', rest, 'B');
}

const ITEMS = 1000;

/** A mapped task, each item of which has an execution of its own; the run around it counts, too. */
async function mapped(): Promise<number> {
  const items = Array.from({ length: ITEMS }, (_, index) => index);
  const task: TaskNode = {
    id: 'each',
    call: { kind: 'fn', inputs: null },
    upstream: [],
    triggerRule: 'all_success',
    retries: [],
    map: { items },
  };
  const compiled = compile({ ...emptyDag('mapped'), tasks: [task] });
  const { state, transitions } = await simulate(compiled, {}, { keepEvents: false });
  if (state !== 'success') throw new Error(`mapped: ${state}`);
  return transitions / ITEMS;
}

/** All of a family together: the big graphs weigh more. */
function perTask(measured: readonly Measured[], of: (one: Measured) => number): number {
  const sum = (value: (one: Measured) => number) => measured.reduce((total, one) => total + value(one), 0);
  return sum(of) / sum(({ tasks }) => tasks);
}

async function measure({ family, input }: Graph): Promise<Measured> {
  const { dag, script } = build(input);
  const compiled = compile(dag, { durations: durationsOf(input) });
  const { state, endSec, transitions } = await simulate(compiled, script, { keepEvents: false });
  if (state !== 'success') throw new Error(`${input.name}: ${state}`);
  const tasks = dag.tasks.length;
  const machines = [compiled.definition, ...Object.values(compiled.parts ?? {})];
  const bytes = machines.reduce((sum, machine) => sum + definitionBytes(machine), 0);
  const stretch = endSec / criticalPathSec(input);
  note(
    [
      `${family}/${input.name}: ${tasks} tasks`,
      `${transitions} transitions = ${(transitions / tasks).toFixed(2)} per task`,
      planText(compiled),
      `${Math.round(bytes / tasks)} B per task`,
      `makespan ${stretch.toFixed(3)}`,
    ].join(', '),
  );
  return { family, name: input.name, tasks, transitions, bytes, stretch };
}

function planText({ plan: { latches, gates, reads, parallels } }: Compiled): string {
  return `${latches.length} latches, ${gates} gates, ${reads} reads, ${parallels} Parallels`;
}
