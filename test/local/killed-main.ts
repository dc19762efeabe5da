/** A process that dies in the middle of its run's second task. */
import { runDag } from '../../lib/local/run.ts';
import { keepBodies, type TaskBody } from '../../lib/model/bodies.ts';
import { emptyDag } from '../build.ts';

const [, , root = ''] = process.argv;
const call = { kind: 'fn', inputs: null } as const;
const rest = { call, triggerRule: 'all_success', retries: [] } as const;
const dag = {
  ...emptyDag('killed'),
  tasks: [
    { id: 'first', upstream: [], ...rest },
    { id: 'second', upstream: [{ task: 'first' }], ...rest },
  ],
};
keepBodies(
  dag,
  new Map<string, TaskBody>([
    ['first', () => 1],
    ['second', () => process.kill(process.pid, 'SIGKILL')],
  ]),
);
await runDag(dag, { root });
