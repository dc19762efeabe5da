import { describe, expect, test } from 'vitest';
import { SALES } from './sales.ts';
import { project, tutti } from './tutti.ts';

const TANGLE = `
import { dag, fn, sensor } from 'tutti';
const nothing = fn(() => undefined);
export const tangle = dag('tangle', { schedule: '@daily' }, ({ task }) => {
  const a = task('a', nothing);
  const b = task('b', nothing);
  task('c', nothing, { after: a });
  task('d', nothing, { after: [a, b] });
  task('f', nothing, { after: [a, b], triggerRule: 'one_success' });
});
export const patient = dag('patient', {}, ({ task }) => {
  task('look', sensor.fn(() => true, { timeout: '7d', pokeEvery: '1m' }));
});
`;

describe('tutti plan', () => {
  test('says what a run costs, what is allowed, and what each latch is for', async () => {
    const { code, stdout } = await tutti(project({ 'pipelines/tangle.ts': TANGLE }), 'plan', 'tangle');
    expect(code).toBe(0);
    expect(stdout).toMatch(/a run +\d+ transitions, \$0\.00\d+ if all goes well; at most \d+ transitions/);
    expect(stdout).toMatch(/a month +30 runs, \$0\.01\d*; at most/);
    expect(stdout).toMatch(/history events of one execution +\d+ +of 25,000/);
    expect(stdout).toMatch(/d +waits for a .* because of a → d/);
    expect(stdout).toMatch(/−\d+ transitions +f with the trigger rule none_failed_min_one_success/);
    expect(stdout).toMatch(/−\d+ transitions +without the edge a → d/);
  });

  test('knows how long tasks took in the last run here', async () => {
    const root = project({ 'pipelines/sales.ts': SALES });
    expect((await tutti(root, 'run', 'sales')).code).toBe(0);
    const { stdout } = await tutti(root, 'plan', 'sales');
    expect(stdout).toMatch(/longest way +[\d.]+m?s: fetch → load \(as in run \S+-sales\)/);
  });

  test('says what is counted once and may come more often', async () => {
    const { stdout } = await tutti(project({ 'pipelines/tangle.ts': TANGLE }), 'plan', 'patient');
    expect(stdout).toContain('each further look of look takes 1 transition');
  });

  test('--json gives everything as one document', async () => {
    const { stdout } = await tutti(project({ 'pipelines/tangle.ts': TANGLE }), 'plan', 'tangle', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      dag: 'tangle',
      tasks: 5,
      latches: [{ producer: 'a', waiter: 'd', why: [{ from: 'a', to: 'd' }] }],
      critical: { seconds: 2 },
      earlyJoins: 1,
    });
  });

  test('check warns of a history that could grow too long', async () => {
    const { code, stderr } = await tutti(project({ 'pipelines/tangle.ts': TANGLE }), 'check');
    expect(code).toBe(0);
    expect(stderr).toContain('warning history-too-long');
    expect(stderr).toContain('"look" looks up to 10,081 times');
  });

  test('an unknown DAG is not found', async () => {
    expect(await tutti(project({ 'pipelines/sales.ts': SALES }), 'plan', 'slaes')).toMatchObject({ code: 3 });
  });
});

describe('tutti show --explain', () => {
  test('says of every state whose it is and what it does', async () => {
    const root = project({ 'pipelines/tangle.ts': TANGLE });
    const { code, stdout } = await tutti(root, 'show', 'tangle', '--explain');
    expect(code).toBe(0);
    expect(stdout).toMatch(/d · wait a +Task +d +Sleeps until/);
    const json = await tutti(root, 'show', 'tangle', '--explain', '--json');
    const { states } = JSON.parse(json.stdout);
    expect(states.length).toBeGreaterThan(20);
    expect(states.filter((state: { says: string }) => state.says === '')).toEqual([]);
  });
});
