import type { Manifest, ManifestTask } from '../../lib/model/manifest.ts';

type Draft = Partial<ManifestTask> & { readonly after?: readonly string[] };

/** A manifest of tasks placed one column below their last upstream, in the first free row. */
export function manifestOf(
  tasks: Readonly<Record<string, Draft>>,
  groups: Manifest['groups'] = [],
): Manifest {
  const placed: ManifestTask[] = [];
  for (const [id, { after = [], ...draft }] of Object.entries(tasks)) {
    const upstream = draft.upstream ?? after.map((task) => ({ task }));
    const columns = upstream.map(({ task }) => placed.find((other) => other.id === task)?.layout.column ?? 0);
    const column = upstream.length === 0 ? 0 : 1 + Math.max(...columns);
    const row = placed.filter((other) => other.layout.column === column).length;
    placed.push({ triggerRule: 'all_success', kind: 'fn', ...draft, id, upstream, layout: { column, row } });
  }
  return {
    dagId: 'sales',
    hash: 'h',
    tags: [],
    schedule: 'by hand',
    params: {},
    runState: 'leaves',
    tasks: placed,
    groups,
    states: {},
  };
}
