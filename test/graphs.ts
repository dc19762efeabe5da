/** The real DAGs of the shared material, and random ones for the bench. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_STATE_NAME_LENGTH } from '../lib/asl/limits.ts';
import { type Random, seededRandom } from '../lib/base/random.ts';
import type { Case, CaseTask } from './reference/case.ts';
import { jsonFiles, readJson } from './reference/shared.ts';

/** A real DAG as a case: every task succeeds after its measured time, a second where nobody measured. */
export interface Graph {
  /** `airflow-gcp`, `dbt`, `wfcommons`. */
  readonly family: string;
  readonly input: Case;
  readonly edges: number;
}

interface GraphFile {
  readonly name: string;
  readonly tasks: readonly {
    readonly id: string;
    readonly runtimeSec: number | null;
    readonly upstream: readonly string[];
  }[];
}

/** Every graph below `dags/` of a folder of the shared layout; none where there is no such folder. */
export function graphsIn(dir: string): readonly Graph[] {
  const folder = join(dir, 'dags');
  if (!existsSync(folder)) return [];
  const families = readdirSync(folder).sort((a, b) => (a < b ? -1 : 1));
  return families.flatMap((family) =>
    jsonFiles(join(folder, family)).map((file) =>
      graphOf(family, readJson<GraphFile>(join(folder, family, file))),
    ),
  );
}

function graphOf(family: string, { name, tasks }: GraphFile): Graph {
  const caseTasks = tasks.map(({ id, runtimeSec, upstream }) => ({
    id: shorten(id),
    upstream: upstream.map(shorten),
    durationSec: runtimeSec ?? 1,
    ...(runtimeSec !== null && runtimeSec > 600 ? { timeoutSec: Math.ceil(2 * runtimeSec) } : {}),
  }));
  return {
    family,
    input: { name, runState: 'leaves', tasks: caseTasks },
    edges: tasks.reduce((sum, { upstream }) => sum + upstream.length, 0),
  };
}

/** Ids of some workflows are longer than a state's name may be; their ends tell them apart. */
function shorten(id: string): string {
  return id.slice(-MAX_STATE_NAME_LENGTH).replace(/^[^A-Za-z]+/, '');
}

/** Seconds each task takes, as the compiler may know them. */
export function durationsOf({ tasks }: Case): Readonly<Record<string, number>> {
  return Object.fromEntries(tasks.map(({ id, durationSec = 1 }) => [id, durationSec]));
}

/** The longest way through: no run can be shorter. Seconds. */
export function criticalPathSec({ tasks }: Case): number {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const ends = new Map<string, number>();
  const endOf = (id: string): number => {
    const known = ends.get(id);
    if (known !== undefined) return known;
    const { upstream = [], durationSec = 1 } = byId.get(id) ?? {};
    const end = Math.max(0, ...upstream.map(endOf)) + Math.round(durationSec * 1000);
    ends.set(id, end);
    return end;
  };
  return Math.max(0, ...tasks.map(({ id }) => endOf(id))) / 1000;
}

/** The same graph with `share` of its tasks failing, chosen by `random`. */
export function failing(input: Case, share: number, random: Random): Case {
  const tasks = input.tasks.map(
    (task): CaseTask => (random() < share ? { ...task, outcome: 'failed' } : task),
  );
  return { ...input, tasks };
}

/**
 * A graph of `count` tasks in layers of about `width`, each task below two or three random ones of the layer before,
 * sometimes of an older one: not series-parallel.
 */
export function layered(count: number, width: number, seed: number): Case {
  const random = seededRandom(seed);
  const pick = (below: number) => Math.floor(random() * below);
  const tasks = Array.from({ length: count }, (_, index): CaseTask => {
    const layer = Math.floor(index / width);
    if (layer === 0) return { id: `t${index}` };
    const wanted = 2 + pick(2);
    const upstream = Array.from({ length: wanted }, () => {
      const from = random() < 0.9 ? layer - 1 : pick(layer);
      return `t${from * width + pick(width)}`;
    });
    return { id: `t${index}`, upstream: [...new Set(upstream)] };
  });
  return { name: `layered_${count}`, runState: 'leaves', tasks };
}
