/** What is refused before anything is made, each with its path, rule, value and remedy. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { App } from '../../lib/constructs/cdk.ts';
import { duckdbFolders } from '../../lib/constructs/code/native.ts';
import { definitionProblems, stackProblems } from '../../lib/constructs/guards/sizes.ts';
import { Tutti, type TuttiProps } from '../../lib/constructs/index.ts';
import { stackOf } from '../../lib/deployment/stacks.ts';
import { connection, dag, fn, notifier, sql } from '../../lib/index.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import { AWS, deployed, folder, pipeline } from './deployed.ts';

const ENVIRONMENT = { name: 'prod', aws: AWS };

function refusal(dags: TuttiProps['dags'], environment: object = ENVIRONMENT): string {
  try {
    const given = { ...ENVIRONMENT, ...environment };
    new Tutti(new App({ autoSynth: false, outdir: join(folder(), 'out') }), 'prod', {
      dags,
      environment: given,
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'nothing was refused';
}

function one(id: string): DagNode {
  return dag(
    id,
    {},
    ({ task }) =>
      void task(
        'a',
        fn(() => 1),
      ),
  );
}

describe('an environment', () => {
  test('that is malformed', () => {
    expect(refusal([], { aws: { account: '1', region: 'here' } }).split('\n')).toEqual([
      expect.stringMatching(
        /^environment "prod" › aws\.account: must be 12 digits, got "1"; write account: /,
      ),
      expect.stringMatching(/^environment "prod" › aws\.region: must be the name of a region, got "here"; /),
    ]);
  });

  test('that lacks what bodies of functions ask', async () => {
    const text = `import { connection, dag, fn } from 'tutti';
const shop = connection.http('shop');
export const asks = dag('asks', {}, ({ task }) => void task('a', fn(({ http }) => http(shop).get('/'))));`;
    const told =
      'environment "dev" › connections.shop: must be of kind http for dag "asks", got nothing; write shop: { kind: \'http\', baseUrl: \'https://…\' }';
    await expect(deployed({ 'asks.ts': text })).rejects.toThrow(told);
    // From an app of the user's own nobody has looked into the file yet.
    const file = join(folder(), 'asks.ts');
    writeFileSync(file, text);
    const shop = connection.http('shop');
    const asks = dag(
      'asks',
      {},
      ({ task }) =>
        void task(
          'a',
          fn(({ http }) => http(shop).get('/')),
        ),
    );
    const source = { dag: asks, file };
    expect(refusal([source])).toBe(told.replace('dev', 'prod'));
    const connections = { shop: { kind: 'http', baseUrl: 'https://a.example.com' } };
    expect(refusal([source], { connections })).toBe('nothing was refused');
  });

  test('that lacks files that functions read', async () => {
    const text = pipeline('reads', '1', "include: ['data/*.csv', 'package.json']");
    await expect(deployed({ 'reads.ts': text })).rejects.toThrow(
      /^dag "reads" › include: must name files that there are, got "data\/\*\.csv"; write it as it is from the project's folder, \/.*, as 'data\/\*\.csv', or say root where that is another\ndag "reads" › include: must name files that there are, got "package\.json"/,
    );
  });

  test('that lacks what DAGs name', () => {
    const told = dag('told', { onFailure: notifier('oncall') }, ({ task }) => {
      task('rows', connection.sql('warehouse').query(sql`select 1 as a`));
    });
    const text = refusal([told], { connections: { warehose: { kind: 'sql' } } });
    expect(text.split('\n')).toEqual([
      'environment "prod" › connections.warehouse: must be of kind sql for dag "told", got nothing; did you mean "warehose"?',
      'environment "prod" › notifiers.oncall: must be bound for dag "told", got nothing; write oncall: { kind: \'sns\', email: [\'oncall@example.com\'] }',
    ]);
  });

  test('of one name and place, twice in an app', async () => {
    const app = new App({ autoSynth: false, outdir: join(folder(), 'out') });
    new Tutti(app, 'one', { dags: [], environment: ENVIRONMENT });
    expect(() => new Tutti(app, 'two', { dags: [], environment: ENVIRONMENT })).toThrow(
      'environment "prod": must be one in account 111122223333 and region eu-central-1, got two; give one of them another name',
    );
    new Tutti(app, 'three', {
      dags: [],
      environment: { ...ENVIRONMENT, aws: { ...AWS, region: 'eu-west-1' } },
    });
  });

  test('whose architecture DuckDB’s code is not installed for', () => {
    const other = process.arch === 'arm64' ? 'x86_64' : 'arm64';
    const { problems } = duckdbFolders('prod', other);
    expect(problems).toEqual([
      expect.objectContaining({
        path: 'environment "prod" › architecture',
        remedy: expect.stringMatching(
          /^run npm install --no-save --force --os=linux --cpu=\w+ @duckdb\/node-bindings-linux-\w+@[\d.]+-r\.\d+, or bind/,
        ),
      }),
    ]);
  });
});

describe('a DAG', () => {
  test('whose id names nothing on AWS', () => {
    expect(refusal([one('a.b')])).toContain(
      'dag "a.b": id must have letters, digits, - and _ only where it is deployed, got "a.b"; write "a_b"',
    );
  });

  test('of an id that another has', () => {
    expect(refusal([one('a'), one('a')])).toContain(
      'dag "a": must have an id of its own, got "a" twice; rename',
    );
  });

  test('whose names would be too long, or another’s', () => {
    const stacks = () => 'a-very-long-name-of-a-stack-for-nothing';
    expect(refusal([one('a'.repeat(30))], { aws: { ...AWS, stacks } })).toMatch(
      /function must have a name of at most 64 characters, got \d+: tutti-prod-a+-a-very/,
    );
    expect(refusal([one('api')], { aws: { ...AWS, stacks: () => 'read' } })).toContain(
      'dag "api": must have names of its own, got function tutti-prod-api-read, which the core has; rename the DAG',
    );
  });

  test('whose machine is too large, also where it is divided', () => {
    const huge = dag('huge', { doc: 'x' }, ({ task }) => {
      task(
        'a',
        fn({ text: 'x'.repeat(1_100_000) }, () => 1),
      );
    });
    expect(definitionProblems([huge, one('small')])).toEqual([
      expect.objectContaining({
        path: 'dag "huge"',
        message: expect.stringContaining('at most 1048576 bytes'),
      }),
    ]);
  });
});

describe('a stack', () => {
  test('over its limit, with the number that is enough', () => {
    const dags = Array.from({ length: 120 }, (_, index) => ({ id: `dag_${index}`, resources: 9 }));
    const stacks = ['0', '1'].map((name) => {
      const own = dags.filter(({ id }) => stackOf(id, 2) === name);
      return { name, resources: own.length * 9 + 2, dags: own };
    });
    const problems = stackProblems('prod', { ...AWS, stacks: 2 }, stacks);
    expect(problems.map(({ path }) => path)).toEqual([
      'environment "prod" › stack 0',
      'environment "prod" › stack 1',
    ]);
    const [, enough = ''] = /^raise stacks from 2 to (\d+)$/.exec(problems[0]?.remedy ?? '') ?? [];
    const counts = (count: number) =>
      Array.from(
        { length: count },
        (_, stack) => dags.filter(({ id }) => stackOf(id, count) === String(stack)).length * 9 + 2,
      );
    expect(Math.max(...counts(Number(enough)))).toBeLessThanOrEqual(450);
    expect(Math.max(...counts(Number(enough) - 1))).toBeGreaterThan(450);
  });
});
