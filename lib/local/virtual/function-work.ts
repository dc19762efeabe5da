import type { Json } from '../../base/json.ts';
import type { VirtualClock } from '../../base/virtual-clock.ts';
import { bodyOf } from '../../model/bodies.ts';
import type { Log } from '../../model/context.ts';
import type { DagNode } from '../../model/dag.ts';
import type { TaskEvent } from '../../model/run-input.ts';
import { LookCounter } from '../../runtime/look.ts';
import { type BodyCall, runInProcess, taskRunner } from '../run-task.ts';
import type { SimulatedWork } from '../simulated-world.ts';
import { type Fakes, fakeContext } from './fake-context.ts';

export interface FunctionWork {
  readonly dag: DagNode;
  readonly clock: VirtualClock;
  readonly fakes: Fakes;
  readonly onOutput: (event: TaskEvent, output: Json) => void;
}

/** Runs the functions of a DAG's tasks for real, between fakes. They take no virtual time: it stands still meanwhile. */
export function functionWork({ dag, clock, fakes, onOutput }: FunctionWork): SimulatedWork {
  const looks = new LookCounter();
  return (event, call, { table, values }) => {
    if (bodyOf(dag, event.task) === undefined) return undefined;
    const runBody = async (body: BodyCall): Promise<unknown> => {
      const output = await runInProcess({ ...body, context: fakeContext(body.context, event.task, fakes) });
      onOutput(event, output === undefined ? null : JSON.parse(JSON.stringify(output) ?? 'null'));
      return output;
    };
    const run = taskRunner({ dag, clock, table, values, runBody, looks, ...NOWHERE });
    return clock.hold(run(call, ignore));
  };
}

const QUIET: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** What functions between fakes never see. */
const NOWHERE = {
  place: {
    root: '',
    filesFolder: '',
    environment: { name: 'simulated', connections: {} },
    secret: () => undefined,
    variables: () => ({}),
  },
  openLog: () => ({ log: QUIET, close: ignore }),
  approvals: { ask: ignore },
};

function ignore(): void {
  // Nobody reads it.
}
