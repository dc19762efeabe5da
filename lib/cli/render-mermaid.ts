import type { Manifest, ManifestTask } from '../model/manifest.ts';

/**
 * The DAG as a Mermaid flowchart, left to right.
 *
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function renderMermaid(manifest: Manifest): string {
  const names = new Map(manifest.tasks.map((task, index) => [task.id, `t${index}`]));
  const grouped = new Set(manifest.groups.flatMap((group) => group.tasks));
  const lines = ['flowchart LR'];
  for (const task of manifest.tasks) {
    if (!grouped.has(task.id)) lines.push(`  ${node(task, names)}`);
  }
  for (const [index, group] of manifest.groups.entries()) {
    // An inner group is declared inside the one whose id begins its own.
    if (outerOf(group.id, manifest) === undefined) lines.push(...subgraph(index, manifest, names, '  '));
  }
  for (const task of manifest.tasks) {
    for (const edge of task.upstream) lines.push(`  ${arrow(edge, task, names)}`);
  }
  return lines.join('\n');
}

/** The innermost other group that contains the group `id`, by the ids' prefixes. */
export function outerOf(id: string, manifest: Manifest): string | undefined {
  return manifest.groups
    .map((group) => group.id)
    .filter((other) => id.startsWith(`${other}.`))
    .sort((a, b) => b.length - a.length)[0];
}

function subgraph(
  index: number,
  manifest: Manifest,
  names: ReadonlyMap<string, string>,
  indent: string,
): string[] {
  const group = manifest.groups[index];
  if (group === undefined) return [];
  const members = manifest.tasks.filter((task) => group.tasks.includes(task.id));
  const inner = manifest.groups.flatMap((other, at) =>
    outerOf(other.id, manifest) === group.id ? [at] : [],
  );
  return [
    `${indent}subgraph g${index}["${escaped(group.id)}"]`,
    ...members.map((task) => `${indent}  ${node(task, names)}`),
    ...inner.flatMap((at) => subgraph(at, manifest, names, `${indent}  `)),
    `${indent}end`,
  ];
}

function node(task: ManifestTask, names: ReadonlyMap<string, string>): string {
  const rule = task.triggerRule === 'all_success' ? '' : `<br/>${task.triggerRule}`;
  const label = `"${escaped(task.id)}<br/><small>${escaped(task.kind)}${rule}</small>"`;
  const [open, close] = SHAPES[task.kind] ?? ['[', ']'];
  return `${names.get(task.id)}${open}${label}${close}`;
}

const SHAPES: Readonly<Record<string, readonly [string, string]>> = {
  branch: ['{', '}'],
  choose: ['{', '}'],
  shortCircuit: ['{', '}'],
  setup: ['([', '])'],
  teardown: ['([', '])'],
};

function arrow(
  edge: ManifestTask['upstream'][number],
  task: ManifestTask,
  names: ReadonlyMap<string, string>,
): string {
  const label = edge.labels === undefined ? '' : `|"${escaped(edge.labels.join(', '))}"|`;
  return `${names.get(edge.task)} -->${label} ${names.get(task.id)}`;
}

/** Mermaid writes characters by entity codes with `#`. */
function escaped(text: string): string {
  return text
    .replaceAll('#', '#35;')
    .replaceAll('"', '#quot;')
    .replaceAll('<', '#lt;')
    .replaceAll('>', '#gt;')
    .replaceAll('&', '#amp;');
}
