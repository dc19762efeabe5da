/** Which tasks failed a run, and what to say of it. */
import { moduleFailures } from '../history/module-failure.ts';
import type { Projector } from '../history/project.ts';
import { silentFailure } from '../history/silent-failure.ts';
import type { TaskInstance, TaskRun, Try } from '../history/task-run.ts';
import type { Manifest, ManifestTask } from '../model/manifest.ts';
import type { FailedTask, Run } from '../model/run.ts';
import { RUN_ABORTED } from './projection.ts';

/** Error that a machine ends with itself: its tasks say why. */
export const RUN_FAILED = 'DagRun.Failed';

const MAX_FAILED = 10;
const MAX_CAUSE = 1_000;

interface Found extends FailedTask {
  readonly endMs: number;
}

/** How an execution ended, of one that was not a success. */
export interface ExecutionEnd {
  readonly error?: string;
  readonly cause?: string;
}

/** The tasks of this attempt that failed, in the order they did, and the error of the run. */
export function failuresOf(
  manifest: Manifest,
  projector: Pick<Projector, 'tasks' | 'modules'>,
  { error, cause }: ExecutionEnd,
): Pick<Run, 'error' | 'cause' | 'failed'> {
  const found = [...failedTasks(manifest, projector), ...failedModules(manifest, projector)];
  const failed = found
    .toSorted((a, b) => a.endMs - b.endMs)
    .slice(0, MAX_FAILED)
    .map(({ endMs: _, ...task }) => task);
  const listed = failed.length === 0 ? {} : { failed };
  if (error !== undefined && error !== RUN_FAILED)
    return { error, ...(cause === undefined ? {} : { cause }), ...listed };
  const [first] = failed;
  if (first === undefined)
    return error === undefined ? {} : { error, ...(cause === undefined ? {} : { cause }) };
  return { error: first.error, ...(first.cause === undefined ? {} : { cause: first.cause }), ...listed };
}

function failedTasks(manifest: Manifest, projector: Pick<Projector, 'tasks'>): readonly Found[] {
  const counted = countedIn(manifest);
  const byId = new Map(manifest.tasks.map((task) => [task.id, task]));
  return projector.tasks().flatMap((run) => {
    const task = byId.get(run.id);
    if (task === undefined || run.state !== 'failed' || run.masked) return [];
    if (run.instances === undefined) return failedTry(task, run);
    return counted(run)
      .filter(({ state }) => state === 'failed')
      .flatMap((instance) => failedTry(task, instance));
  });
}

function failedTry(
  task: ManifestTask,
  run: Pick<TaskRun, 'tries' | 'endMs'> & Partial<Pick<TaskInstance, 'instance'>>,
): readonly Found[] {
  const last: Try | undefined = run.tries.at(-1);
  const { instance, endMs = 0, tries } = run;
  const which = instance === undefined ? {} : { instance };
  if (last === undefined) {
    const silent = silentFailure(task);
    if (silent === undefined) return [];
    return [{ task: task.id, ...which, try: 1, error: silent.error, cause: silent.why, endMs }];
  }
  const { error = RUN_ABORTED, cause } = last;
  return [{ task: task.id, ...which, try: tries.length, error, ...clipped(cause), endMs }];
}

/** Maps and loops that failed though nothing in them did. */
function failedModules(manifest: Manifest, projector: Pick<Projector, 'modules'>): readonly Found[] {
  return moduleFailures(manifest, projector.modules()).map(({ id, why, endMs = 0 }) => {
    const [, error = 'Dag.ModuleFailed'] = /^(Dag\.\w+): /.exec(why) ?? [];
    return { task: id, try: 1, error, ...clipped(why), endMs };
  });
}

function clipped(cause: string | undefined): { readonly cause?: string } {
  return cause === undefined ? {} : { cause: cause.slice(0, MAX_CAUSE) };
}

/** The instances that decide a task: all items of maps, of group retries and loops the last try or iteration. */
function countedIn({ tasks, modules = [] }: Manifest): (run: TaskRun) => readonly TaskInstance[] {
  const byId = new Map(modules.map((module) => [module.id, module]));
  const moduleOf = new Map(tasks.map(({ id, module }) => [id, module]));
  const kindsAround = (task: string): readonly string[] => {
    const kinds: string[] = [];
    for (let at = moduleOf.get(task); at !== undefined; at = byId.get(at)?.module)
      kinds.unshift(byId.get(at)?.kind ?? 'map');
    return kinds;
  };
  return ({ id, instances = [] }) => {
    const kinds = kindsAround(id);
    const paths = instances.map(({ instance }) => instance.split('.').map(Number));
    // Where the whole run is tried again, one counter more comes first.
    const lead = (paths[0]?.length ?? 0) - kinds.length;
    const highest = new Map<string, number>();
    const levels = paths.map((path) => path.map((_, level) => path.slice(0, level).join('.')));
    const isCounted = (level: number) => (kinds[level - lead] ?? 'retry') !== 'map';
    for (const [index, path] of paths.entries()) {
      for (const [level, counter] of path.entries()) {
        const key = `${level}:${levels[index]?.[level]}`;
        highest.set(key, Math.max(highest.get(key) ?? 0, counter));
      }
    }
    return instances.filter((_, index) =>
      (paths[index] ?? []).every(
        (counter, level) =>
          !isCounted(level) || counter === highest.get(`${level}:${levels[index]?.[level]}`),
      ),
    );
  };
}
