import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Case, CaseTask } from '../reference/case.ts';
import { figure, inFolder, medianOf, medianSec, note, run } from './measure.ts';

const ROOT = join(import.meta.dirname, '../..');
const TUTTI = join(ROOT, 'dist/tutti.js');

/** Whole processes, from start to exit, each in a folder of its own. Medians of 5. */
export async function processBench(): Promise<void> {
  if (!existsSync(TUTTI)) return note('no dist/tutti.js: run `npm run build` first');
  await figure('help_s', 's', () => medianSec(5, () => run([TUTTI, '--help'], ROOT)));
  await figure('run.chain4_s', 's', () => runSec(chain(4)));
  await figure('fn.overhead_ms', 'ms', overheadMs);
  await figure('run.layered1000_s', 's', () => runSec(layers()));
  await figure('check.250x20_s', 's', () => checkSec(250, 20));
  await figure('run.daily_sales_s', 's', dailySalesSec);
  await figure('rerun.1_of_1000_s', 's', () => rerunSec(layers(), 't999'));
  await figure('rerun.chain_1_of_1000_s', 's', () => rerunSec(chain(1000), 't500'));
  await figure('map.fn_10000_s', 's', () => mapSec(10_000));
}

/** Seconds of `tutti run --only` of one task of a run that ended. */
function rerunSec(input: Case, task: string): Promise<number> {
  return inProject([input], (folder) => {
    run([TUTTI, 'run', input.name], folder);
    return medianSec(5, () => run([TUTTI, 'run', input.name, '--only', task], folder));
  });
}

/** Seconds of `tutti run` of a map of no-op functions, each item an execution of its own. */
function mapSec(items: number): Promise<number> {
  const source = [
    "import { dag, fn } from 'tutti';",
    "export const wide = dag('wide', {}, ({ task }) => {",
    `  const list = task('list', fn(async () => ({ items: Array.from({ length: ${items} }, (_, at) => at) })));`,
    "  task.map('each', list.output.items, (item) => fn({ item }, async () => {}));",
    '});',
  ];
  return inFolder(async (folder) => {
    await mkdir(join(folder, 'pipelines'));
    await writeFile(join(folder, 'pipelines', 'wide.ts'), source.join('\n'));
    return medianSec(3, () => run([TUTTI, 'run', 'wide'], folder));
  });
}

/** What one more no-op task costs, history written: start, compilation and end of the process cancel out. */
async function overheadMs(): Promise<number> {
  const [short, long] = [await runSec(chain(4)), await runSec(chain(1000))];
  return ((long - short) / 996) * 1000;
}

/** Seconds of `tutti run` of a DAG of no-op functions. */
function runSec(input: Case): Promise<number> {
  return inProject([input], (folder) => medianSec(5, () => run([TUTTI, 'run', input.name], folder)));
}

function checkSec(dags: number, tasks: number): Promise<number> {
  const cases = Array.from({ length: dags }, (_, index) => ({ ...chain(tasks), name: `dag_${index}` }));
  return inProject(cases, (folder) => medianSec(5, () => run([TUTTI, 'check'], folder)));
}

/** The example with real data: the second and later runs of one date, without the injected fault. */
async function dailySalesSec(): Promise<number> {
  const seconds: number[] = [];
  const args = [TUTTI, 'run', 'daily_sales'];
  run(args, ROOT, { TUTTI_DEMO_FAULTS: '0' });
  for (let index = 0; index < 5; index++) {
    const begin = process.hrtime.bigint();
    run(args, ROOT, { TUTTI_DEMO_FAULTS: '0' });
    seconds.push(Number(process.hrtime.bigint() - begin) / 1e9);
  }
  return medianOf(seconds);
}

/** A folder with a pipeline file for each DAG. */
function inProject<T>(cases: readonly Case[], work: (folder: string) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    await mkdir(join(folder, 'pipelines'));
    for (const input of cases)
      await writeFile(join(folder, 'pipelines', `${input.name}.ts`), sourceOf(input));
    return work(folder);
  });
}

/** The pipeline file a person would write. */
function sourceOf({ name, tasks }: Case): string {
  const lines = tasks.map(({ id, upstream = [] }) => {
    const after = upstream.length === 0 ? '' : `, { after: [${upstream.join(', ')}] }`;
    return `  const ${id} = task('${id}', fn(async () => {})${after});`;
  });
  return [
    "import { dag, fn } from 'tutti';",
    `export const ${name} = dag('${name}', {}, ({ task }) => {`,
    ...lines,
    '});',
    '',
  ].join('\n');
}

function chain(count: number): Case {
  const tasks = Array.from(
    { length: count },
    (_, index): CaseTask => ({
      id: `t${index}`,
      upstream: index === 0 ? [] : [`t${index - 1}`],
    }),
  );
  return { name: `chain_${count}`, runState: 'leaves', tasks };
}

/** 20 layers of 50 tasks, 1,909 edges: two upstream tasks each, nine have three. */
function layers(): Case {
  const [width, depth, more] = [50, 20, 9];
  const tasks = Array.from({ length: width * depth }, (_, index): CaseTask => {
    const [layer, column] = [Math.floor(index / width), index % width];
    if (layer === 0) return { id: `t${index}`, upstream: [] };
    const steps = index < width + more ? [0, 7, 19] : [0, 7];
    return {
      id: `t${index}`,
      upstream: steps.map((step) => `t${(layer - 1) * width + ((column + step * layer) % width)}`),
    };
  });
  return { name: 'layered_1000', runState: 'leaves', tasks };
}
