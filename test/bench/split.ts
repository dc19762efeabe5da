import { boundsOf } from '../../lib/compiler/bounds/bounds.ts';
import { compile } from '../../lib/compiler/compile.ts';
import { dagOf } from '../build.ts';
import { layered } from '../graphs.ts';
import { print } from './measure.ts';

/** The generated DAG of 10,000 tasks: how many machines it becomes, and how full the fullest of them is. */
export async function splitBench(): Promise<void> {
  const dag = dagOf(layered(10_000, 100, 10_000));
  const compiled = compile(dag);
  const { machines, worst, expected } = boundsOf(dag, compiled);
  print('split.10000_machines', machines.length, 'machines');
  print('split.10000_bytes', Math.max(...machines.map(({ bytes }) => bytes)), 'B at most');
  print('split.10000_events', worst.events, 'events at most');
  print('split.10000_transitions', expected.transitions / dag.tasks.length, 'per task');
}
