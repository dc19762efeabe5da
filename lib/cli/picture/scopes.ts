/** The manifest as nested scopes: what stands side by side, and the inside of each map, group retry and loop. */
import type { Manifest, ManifestModule, ManifestTask } from '../../model/manifest.ts';

/** A task, or a module with what is in it. A mapped task is both. */
export interface PictureUnit {
  readonly id: string;
  readonly upstream: ManifestTask['upstream'];
  /** In the drawing of all tasks; modules stand where their first task does. */
  readonly row: number;
  /** How many lines lead to it in the longest way through its scope. */
  readonly column: number;
  /** The task; absent: a group. */
  readonly task?: ManifestTask;
  /** What repeats it; absent: a plain task. */
  readonly module?: ManifestModule;
  /** What is in the group; of a task nothing. */
  readonly inside: readonly PictureUnit[];
}

/** Units of the outermost scope, in the order of the manifest. */
export function pictureUnits({ tasks, modules = [] }: Manifest): readonly PictureUnit[] {
  const moduleById = new Map(modules.map((module) => [module.id, module]));
  const members = new Map<string | undefined, Draft[]>();
  const add = (scope: string | undefined, draft: Draft) => {
    const known = members.get(scope);
    if (known) known.push(draft);
    else members.set(scope, [draft]);
  };
  const mapped = new Set(tasks.filter(({ id, module }) => id === module).map(({ id }) => id));
  for (const task of tasks) {
    const module = mapped.has(task.id) ? moduleById.get(task.id) : undefined;
    if (module) add(module.module, { place: module, task, module });
    else add(task.module, { place: task, task });
  }
  for (const module of modules) if (!mapped.has(module.id)) add(module.module, { place: module, module });
  return unitsOf(undefined, members);
}

interface Draft {
  readonly place: ManifestTask | ManifestModule;
  readonly task?: ManifestTask;
  readonly module?: ManifestModule;
}

function unitsOf(
  scope: string | undefined,
  members: ReadonlyMap<string | undefined, readonly Draft[]>,
): readonly PictureUnit[] {
  const drafts = members.get(scope) ?? [];
  const columns = columnsOf(drafts);
  return drafts.map(({ place: { id, upstream, layout }, ...what }) => ({
    id,
    upstream,
    row: layout.row,
    column: columns.get(id) ?? 0,
    ...what,
    inside: what.task === undefined ? unitsOf(id, members) : [],
  }));
}

/** One column further than the furthest upstream unit. */
function columnsOf(drafts: readonly Draft[]): ReadonlyMap<string, number> {
  const own = new Set(drafts.map(({ place }) => place.id));
  const above = new Map(
    drafts.map(({ place: { id, upstream } }) => [
      id,
      upstream.map(({ task }) => task).filter((task) => own.has(task)),
    ]),
  );
  const columns = new Map<string, number>();
  // A list of what is open instead of recursion: a chain may be thousands of tasks long.
  const open = drafts.map(({ place }) => place.id);
  for (let id = open.at(-1); id !== undefined; id = open.at(-1)) {
    const parents = above.get(id) ?? [];
    const missing = columns.has(id) ? [] : parents.filter((parent) => !columns.has(parent));
    open.push(...missing);
    if (missing.length > 0) continue;
    columns.set(id, 1 + Math.max(-1, ...parents.map((parent) => columns.get(parent) ?? 0)));
    open.pop();
  }
  return columns;
}
