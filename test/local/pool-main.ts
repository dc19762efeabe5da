/** A process that runs a DAG whose task takes the only place of a pool and keeps it until it is killed. */
import { runDag } from '../../lib/local/run.ts';
import { keepBodies } from '../../lib/model/bodies.ts';
import { emptyDag } from '../build.ts';

const [, , root = ''] = process.argv;
const dag = {
  ...emptyDag('pooled'),
  pools: [{ name: 'db', slots: 1 }],
  tasks: [
    {
      id: 'a',
      call: { kind: 'fn', inputs: null },
      upstream: [],
      triggerRule: 'all_success',
      retries: [],
      pool: { name: 'db', slots: 1 },
    },
  ],
} as const;
const forever = async () => {
  process.send?.('running');
  await new Promise((resolve) => setTimeout(resolve, 3_600_000));
};
keepBodies(dag, new Map([['a', forever]]));
let asked = false;
await runDag(dag, {
  root,
  onProgress: (projector) => {
    if (asked || projector.tasks()[0]?.state === 'success') return;
    asked = true;
    process.send?.('asked');
  },
});
