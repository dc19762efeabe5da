/** Every command of the ledger, here and of a deployment: the same output, documents and exit codes. */
import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalWorld } from '../../lib/local/world.ts';
import { type Deployment, deployed, folder, type Said, said, signIn, worldOf } from './remote-rig.ts';

const PIPELINES = {
  'pipelines/sales.ts': `
    import { existsSync } from 'node:fs';
    import { join } from 'node:path';
    import { approve, cron, dag, fn, param } from 'tutti';

    export const sales = dag(
      'sales',
      {
        schedule: cron('0 2 * * *', { timezone: 'Europe/Berlin' }),
        start: '2026-01-01',
        params: { region: param.string({ default: 'eu', enum: ['eu', 'us'] }) },
      },
      ({ task, run, params }) => {
        const fetch = task('fetch', fn({ day: run.interval.date, region: params.region }, async ({ day, region }, { log }) => {
          log.info('fetched', { day, region });
          if (region === 'us') throw new Error('no such region');
          return { rows: 3 };
        }));
        task('load', fn({ rows: fetch.output.rows }, async ({ rows }) => ({ loaded: rows })));
      },
    );

    export const gated = dag('gated', {}, ({ task }) => {
      const gate = task('gate', approve({ message: 'Load it?' }));
      task('load', fn(async () => 1), { after: gate });
    });

    export const manual = dag('manual', {}, ({ task }) => {
      task('only', fn(async () => 1));
    });
  `,
};
const CONFIG = {
  'tutti.config.ts': `
    import { defineConfig } from 'tutti';
    export const config = defineConfig({
      environments: { local: {}, prod: { aws: { account: '123456789012', region: 'eu-central-1' } } },
    });
  `,
};
const ME = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI',
  sessionToken: 'token/with+signs==',
  userArn: `arn:aws:iam::123456789012:user/${userInfo().username}`,
};

const here = folder(PIPELINES);
const there = folder(PIPELINES);
const caller = folder(CONFIG);
let world: LocalWorld;
let deployment: Deployment;

beforeAll(async () => {
  world = await worldOf(there.root);
  deployment = await deployed({ world, principals: [ME] });
  signIn(ME, { SSM: deployment.endpoint });
});

afterAll(async () => {
  await deployment.close();
  await world.close();
  for (const each of [here, there, caller]) each.remove();
});

/** What differs between two times a thing is done, wherever that is. */
function plain({ code, out, err }: Said) {
  const text = (raw: string) =>
    raw
      .replaceAll(' --env prod', '')
      .replaceAll(`user/${userInfo().username}`, userInfo().username)
      .replace(/"via": "(cli|api)"/g, '"via"')
      .replace(/\b(cli|api)\b +/g, '')
      // A run that was asked for by a key has an id that follows from the key.
      .replace(/~[\w-]{26}/g, '~<id>')
      .replace(/\b01[0-9A-HJKMNP-TV-Z]{24}\b/g, '<id>')
      // A deployment needs nobody to start its runs.
      .replace(/, or tutti dev\b|^.*\bno tutti dev\b.*\n/gm, '')
      .replace(/"(execution)": "[^"]*"/g, '"$1"')
      .replace(/^( +execution +).*$/gm, '$1')
      .replace(/"executions": \[[^\]]*\]/g, '"executions"')
      .replace(/20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (at) => (at > '2026-01-31' ? '<at>' : at))
      .replace(/"(startMs|endMs|rev)": \d+/g, '"$1"')
      .replace(/\b\d+(\.\d+)?m?s\b/g, '<time>')
      .replace(/\bin \d+[dhm]( \d+[hm])?\b/g, 'in <time>')
      .replace(/"seconds": [\d.]+/g, '"seconds"')
      .replace(/ +/g, ' ');
  // What a run is told of while it is followed depends on when it is looked at.
  const lines = text(out)
    .split('\n')
    .filter((line) => !/^\S* ?(running|queued|▶|○|•)/.test(line) && !/^<time> ▶/.test(line));
  return { code, out: lines.join('\n'), err: text(err) };
}

/** The same command here and there, at the same time. */
async function both(command: string): Promise<Said> {
  const args = command.split(' ');
  const [mine, theirs] = await Promise.all([
    said(here.root, ...args),
    said(caller.root, ...args, '--env', 'prod'),
  ]);
  // Runs at the same time end in any order.
  const order =
    command.startsWith('backfill create') && !command.includes('--json') ? sorted : (text: string) => text;
  const [told, expected] = [plain(theirs), plain(mine)];
  expect({ command, ...told, out: order(told.out) }).toEqual({
    command,
    ...expected,
    out: order(expected.out),
  });
  return theirs;
}

/** What is so before long. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function sorted(text: string): string {
  return text
    .split('\n')
    .sort((a, b) => (a < b ? -1 : 1))
    .join('\n');
}

describe('a command says of a deployment what it says here', () => {
  test.each([
    ['next sales -n 2'],
    ['runs'],
    ['runs --json'],
    ['trigger sales -d 2026-01-05 --dry-run'],
    ['trigger sales -d 2026-01-05 --dry-run --json'],
    ['trigger sales -d 2026-01-05 --note first'],
    ['trigger sales -d 2026-01-06 -p region=us --json'],
    ['trigger sales -d 2026-01-07 -p region=mars'],
    ['trigger sales -d 2026-02-30'],
    ['trigger slaes'],
    ['runs sales'],
    ['runs --state failed --json'],
    ['runs list sales --type manual --from 2026-01-05 --to 2026-01-06 --json'],
    ['runs --state wrong'],
    ['runs show sales latest'],
    ['runs show sales 2026-01-05 --json'],
    ['runs show sales 2026-01-09'],
    ['runs watch sales latest --json'],
    ['task sales 2026-01-06 fetch'],
    ['task sales 2026-01-06 fetch --json'],
    ['task sales 2026-01-06 fecth'],
    ['why sales 2026-01-06'],
    ['why sales 2026-01-05 --json'],
    ['why sales latest'],
    ['runs cancel sales latest --yes'],
    ['clear sales 2026-01-06 --failed --dry-run --json'],
    ['clear sales 2026-01-06 --failed'],
    ['clear sales --from 2026-01-05 --to 2026-01-06 --task load+ --dry-run'],
    ['clear sales --from 2026-01-05 --to 2026-01-06 --task load --yes --json'],
    ['clear sales --from 2026-02-30 --to 2026-03-01'],
    ['clear sales --from 2026-01-06 --to 2026-01-05'],
    ['mark sales 2026-01-06 --task fetch --state success --dry-run --json'],
    ['mark sales 2026-01-06 --task fetch --state success'],
    ['mark sales 2026-01-06 --task fetch --state success --yes'],
    ['mark sales 2026-01-06 --task nothing --state success --yes'],
    ['backfill preview sales --from 2026-01-10 --to 2026-01-12'],
    ['backfill preview sales --from 2026-01-10 --to 2026-01-12 --as-one --json'],
    ['backfill create sales --from 2026-01-10 --to 2026-01-11'],
    ['backfill create sales --from 2026-01-10 --to 2026-01-11 --yes'],
    ['backfill create sales --from 2026-01-10 --to 2026-01-12 -p region=us --yes --json'],
    ['backfill create manual --from 2026-01-10 --to 2026-01-12'],
    ['backfill list'],
    ['backfill list sales --active --json'],
    ['backfill show wrong'],
    ['audit sales --from 2026-01-09 --to 2026-01-13'],
    ['audit sales --from 2026-01-09 --to 2026-01-13 --json'],
    ['audit sales --from never'],
    ['audit'],
    ['pause sales --dry-run'],
    ['pause sales manual'],
    ['next sales --json'],
    ['audit sales --log'],
    ['audit --log --limit 3 --json'],
    ['audit --log --from 2026-13-01'],
  ])('%s', async (command) => {
    await both(command);
  });

  test('steps of a backfill, by the end of its id', async () => {
    const roots = [here.root, caller.root] as const;
    const env = (root: string) => (root === caller.root ? ['--env', 'prod'] : []);
    const ids = await Promise.all(
      roots.map(async (root) => {
        const { out } = await said(root, 'backfill', 'list', 'sales', '--json', ...env(root));
        return String(JSON.parse(out).backfills[0].id);
      }),
    );
    for (const step of ['show', 'show --json', 'retry --dry-run', 'retry --yes', 'pause', 'cancel --yes']) {
      const [mine, theirs] = await Promise.all(
        roots.map((root, index) => {
          const [name = '', ...rest] = step.split(' ');
          return said(root, 'backfill', name, ids[index]?.slice(-12) ?? '', ...rest, ...env(root));
        }),
      );
      if (mine === undefined || theirs === undefined) throw new Error('two commands give two outputs');
      const [told, expected] = [plain(theirs), plain(mine)];
      expect({ step, ...told, out: sorted(told.out) }).toEqual({
        step,
        ...expected,
        out: sorted(expected.out),
      });
    }
  });
});

describe('of a deployment alone', () => {
  const prod = (...args: readonly string[]) => said(caller.root, ...args, '--env', 'prod');

  test('hints name the environment, and who started a run is that', async () => {
    const left = await prod('trigger', 'sales', '-d', '2026-01-20', '--no-wait');
    expect(left.out).toMatch(/started by prod\n {2}to see it: tutti runs watch sales \S+ --env prod\n$/);
    const { out } = await prod('trigger', 'sales', '-d', '2026-01-21', '--no-wait', '--json');
    expect(JSON.parse(out).startedBy).toEqual({ environment: 'prod' });
    expect((await prod('runs', 'show', 'sales', '2026-01-09')).err).toContain(
      'tutti why sales 2026-01-09T01:00:00Z --env prod says why',
    );
    const failed = await prod('trigger', 'sales', '-d', '2026-01-22', '-p', 'region=us');
    expect(failed.code).toBe(1);
    expect(failed.out).toMatch(/again +tutti clear sales \S+ --failed --env prod/);
  });

  test('who asks is who signed, whatever the request says', async () => {
    const { out } = await prod('runs', 'show', 'sales', '2026-01-22', '--json');
    expect(JSON.parse(out).run.by).toBe(`user/${userInfo().username}`);
    const { items } = await world.store.audit.list({ limit: 1 });
    expect(items[0]).toMatchObject({ actor: `user/${userInfo().username}`, via: 'api' });
  });

  test('a followed run is looked at by its ETag', async () => {
    const before = deployment.asked.length;
    await prod('trigger', 'sales', '-d', '2026-01-23');
    const looks = deployment.asked.slice(before).filter((line) => /records.*runs.*304$/.test(line));
    expect(looks.length).toBeGreaterThan(0);
  });

  test('logs are those of the tries', async () => {
    const { code, out } = await prod('runs', 'logs', 'sales', '2026-01-22');
    expect(code).toBe(0);
    expect(out).toMatch(/✕ failed in \S+ {2}sales 2026-01-22\S+/);
    expect(out).toContain('fetch INFO  fetched {"day":"2026-01-22","region":"us"}');
    expect(out).toContain('✕ failed  fetch in');
    const one = await prod('runs', 'logs', 'sales', '2026-01-22', 'load');
    expect(one.out).not.toContain('fetched');
    expect((await prod('runs', 'logs', 'sales', '2026-01-22', 'laod')).err).toContain('did you mean "load"?');
    const document = JSON.parse((await prod('runs', 'logs', 'sales', '2026-01-22', '--json')).out);
    expect(document).toMatchObject({ run: { state: 'failed' }, logs: [{ task: 'fetch', try: 1 }] });
  });

  test('DAGs are listed as they are deployed', async () => {
    await prod('pause', 'gated');
    const { out } = await prod('list');
    expect(out).toMatch(/^dag +schedule +state +version +owner +description\n/);
    expect(out).toMatch(/\ngated +manual +paused by \S+ +[0-9a-f]{16}/);
    expect(out).toMatch(/\nsales +at 02:00 Europe\/Berlin, every day .*\n\n\d DAGs\n$/);
    const { dags } = JSON.parse((await prod('list', '--json')).out);
    const version = expect.stringMatching(/^[0-9a-f]{16}$/);
    expect(dags).toContainEqual(expect.objectContaining({ id: 'gated', paused: true, version }));
    await prod('unpause', 'gated');
    expect((await prod('list', '--names')).out.split('\n')).toContain('gated');
    expect((await prod('list')).out).toMatch(/\ngated +manual +[0-9a-f]{16}/);
  });

  test('questions are listed and answered', async () => {
    expect((await prod('approve')).out).toBe('nothing waits in prod\n');
    for (const argv of [['latest'], ['latest', 'gate']])
      expect(await prod('approve', ...argv)).toMatchObject({
        code: 3,
        err: expect.stringContaining('must be the id of a DAG of this project, got "latest"'),
      });
    expect(await prod('approve', 'gated', 'gate')).toMatchObject({
      code: 2,
      err: expect.stringContaining('must be <dag>/<run> of another environment, got "gated"'),
    });
    await prod('trigger', 'gated', '--no-wait');
    const asked = await until(async () => {
      const { out } = await prod('approve');
      return out.includes('asks') ? out : undefined;
    });
    expect(asked).toMatch(
      /\? gate asks: Load it\?\n {2}(?:npx )?tutti .*approve gated\/\S+ gate \[--choice .*\] --env prod/,
    );
    expect((await prod('approve', 'gated/latest', 'gate', '-c', 'perhaps')).err).toContain('must be one of');
    expect(await prod('approve', 'gated/latest', 'gate')).toEqual({
      code: 0,
      out: '✓ gate: approve\n',
      err: '',
    });
    expect((await prod('runs', 'watch', 'gated', 'latest')).code).toBe(0);
    expect((await prod('approve', 'gated/latest', 'gate')).code).toBe(5);
  });

  test('what is kept there is not removed from here', async () => {
    const { code, err } = await prod('prune', '--keep', '1');
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining('retention') });
  });

  test('the address may be given', async () => {
    const { code, out } = await said(caller.root, 'runs', '--env', 'prod', '--api-url', deployment.readUrl);
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('sales') });
  });
});
