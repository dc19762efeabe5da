import { expect, test } from 'vitest';
import { project, tutti } from './tutti.ts';

const REGIONS = `
import { dag, fn } from 'tutti';

export const regions = dag('regions', {}, ({ task }) => {
  const list = task('list', fn(async () => ['eu', 'us', 'ap']));
  task.map('load', list.output, (region) => fn({ region }, async ({ region }, { log, run }) => {
    log.info('loads ' + region + ' at ' + run.mapIndex);
    if (region === 'us') throw new Error('no such region');
    return region;
  }), { label: (region) => region });
});
`;

test('a mapped task is shown, told and logged by its instances', async () => {
  const root = project({ 'pipelines/regions.ts': REGIONS });
  const run = await tutti(root, 'run', 'regions', '--instances');
  expect(run.code).toBe(1);
  expect(run.stdout).toContain('✕ failed  load (3/3 done, 1 failed)');
  expect(run.stdout).toMatch(/✓ load\[0\] \(eu\) +\S+\n +✕ load\[1\] \(us\) .*no such region/);
  expect(run.stdout).toMatch(/✕ load\[1\] \(us\) failed\n +Error: no such region\n +.*load@1\.1\.log/);

  const [byLabel, byIndex, unknown, json] = await Promise.all([
    tutti(root, 'logs', 'latest', 'load[ap]'),
    tutti(root, 'logs', 'latest', 'load[2]'),
    tutti(root, 'logs', 'latest', 'load[mars]'),
    tutti(root, 'logs', 'latest', 'load[us]', '--json'),
  ]);
  expect(byLabel.stdout).toContain('INFO  loads ap at 2');
  expect(byLabel.stdout).not.toContain('loads eu');
  expect(byIndex.stdout).toBe(byLabel.stdout);
  expect(unknown).toMatchObject({ code: 3 });
  expect(unknown.stderr).toContain(
    'tutti logs › task: must be an instance of "load", got "mars"; it has eu, us, ap',
  );
  expect(JSON.parse(json.stdout)).toMatchObject({
    tasks: [{ id: 'load', instances: [{ instance: '1', label: 'us', state: 'failed' }] }],
    modules: [{ id: 'load', kind: 'map', state: 'failed', items: 3 }],
    logs: [{ task: 'load', instance: '1', try: 1 }],
  });
});

const SILENT = `
import { dag, fn, not } from 'tutti';

export const silent = dag('silent', {}, ({ task, loop }) => {
  const list = task('list', fn((): string[] => JSON.parse('17')));
  task.map('load', list.output, (item) => fn({ item }, () => 1), { maxItems: 40 });
  loop('pages', { initial: { more: true }, until: (out) => not(out.more), maxIterations: 2 }, (_, { task }) => ({
    more: task('fetch', fn(() => ({ more: true }))).output.more,
  }));
});
`;

test('a map over what is no list, and a loop that does not end, say why they failed', async () => {
  const root = project({ 'pipelines/silent.ts': SILENT });
  const run = await tutti(root, 'run', 'silent');
  expect(run.code).toBe(1);
  const noList = 'list must be a list of at most 40 items, got something else; give such a list';
  const limit =
    'Dag.LoopLimit: "not pages.fetch.more" must hold after at most 2 iterations, got none; raise maxIterations';
  expect(run.stdout).toContain(`✕ load failed\n      ${noList}`);
  expect(run.stdout).toContain(`✕ pages failed\n      ${limit}`);
  expect(run.stdout).not.toContain('DagRun.Failed');

  const [all, one] = await Promise.all([
    tutti(root, 'logs', 'latest'),
    tutti(root, 'logs', 'latest', 'load'),
  ]);
  expect(all.stdout).toContain(`✕ failed  load ${noList}`);
  expect(all.stdout).toContain(`✕ failed  pages ${limit}`);
  expect(one.stdout).toContain(noList);
  expect(one.stdout).not.toContain('pages');
});
