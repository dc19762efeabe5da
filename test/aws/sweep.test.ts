/** The sweep's function as it is deployed: its very bundle, asking DynamoDB and Step Functions on this machine. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Swept } from '../../lib/aws/sweeping.ts';
import { coreFunctionName } from '../../lib/deployment/names.ts';
import { testDag } from '../local/dag.ts';
import { DAILY } from '../orchestrator/rig.ts';
import { bundles } from './bundles.ts';
import { coreRig, registered } from './core-rig.ts';
import { account } from './deployed.ts';
import { hasTables, newTable, tablesUrl } from './tables.ts';

const DAY_MS = 86_400_000;

describe.skipIf(!hasTables)('the sweep’s function', () => {
  test('does all that it can, then fails and names what it could not do', async () => {
    const { rig, sweep, spoil } = await deployed(['broken', 'well']);
    await spoil('broken');
    const { error, logged } = await sweep();
    expect(error).toEqual({
      name: 'SweepProblems',
      message: expect.stringMatching(/got 1: dag "broken": .*the next sweep tries again$/),
    });
    const open = await rig.world.store.runs.open();
    expect(open.map(({ dagId, state }) => [dagId, state])).toEqual([['well', 'running']]);
    const lines = logged.filter(({ level }) => level === 'ERROR');
    expect(lines.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^dag "broken": /),
      expect.stringMatching(/^sweep: must find nothing/),
    ]);
    expect(logged).toContainEqual(expect.objectContaining({ message: 'swept', problems: 1 }));
  });

  test('that finds nothing wrong succeeds', async () => {
    const { sweep } = await deployed(['well']);
    expect((await sweep()).result).toMatchObject({ problems: [], ticks: [{ dagId: 'well' }], left: [] });
  });
});

/** DAGs with a run that is due, and the function beside them. */
async function deployed(ids: readonly string[]) {
  const there = await account();
  const versions = await Promise.all(
    ids.map((id) => there.deploy(testDag({ a: { body: () => 1 } }, { id, schedule: DAILY }))),
  );
  const table = await newTable();
  const twoDaysAgo = new Date(Date.now() - 2 * DAY_MS).toISOString();
  const rig = coreRig({ account: there, table, now: twoDaysAgo });
  await registered(rig.world, versions);
  const sweep = functionOf(rig.environment, {
    AWS_ENDPOINT_URL_DYNAMODB: tablesUrl(),
    AWS_ENDPOINT_URL_SFN: there.endpoint,
  });
  return {
    rig,
    sweep,
    /** Makes a DAG's version one that nobody kept. */
    async spoil(dagId: string) {
      const heads = await rig.world.store.dags.heads();
      const { rev = 0 } = heads.find((head) => head.dagId === dagId) ?? {};
      await rig.world.store.dags.updateHead(dagId, rev, { version: 'gone' });
    },
  };
}

/** Its bundle, in a process of its own. */
function functionOf(environment: string, endpoints: Readonly<Record<string, string>>) {
  const made = bundles({ core: { environment, bucket: 'bucket', notifiers: {}, retention: {} } });
  onTestFinished(made.remove);
  const main = join(made.core, 'main.mjs');
  const arn = `arn:aws:lambda:us-east-1:000000000000:function:${coreFunctionName(environment, 'sweep')}`;
  writeFileSync(
    main,
    `import { handler } from './sweep.mjs';
const context = { invokedFunctionArn: '${arn}', getRemainingTimeInMillis: () => 300_000 };
const outcome = await handler({}, context).then(
  (result) => ({ result }),
  ({ name, message }) => ({ error: { name, message } }),
);
process.stdout.write(JSON.stringify({ outcome }));
`,
  );
  const env = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', ...endpoints };
  return async (): Promise<Outcome> => {
    const { stdout } = await promisify(execFile)(process.execPath, [main], { env });
    const logged = stdout.split('\n').map((line) => JSON.parse(line));
    return { ...logged.pop().outcome, logged };
  };
}

interface Outcome {
  readonly result?: Swept;
  readonly error?: { readonly name: string; readonly message: string };
  /** Lines of its log. */
  readonly logged: readonly Readonly<Record<string, unknown>>[];
}
