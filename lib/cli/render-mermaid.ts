import type { Manifest, ManifestModule, ManifestTask } from '../model/manifest.ts';
import { boundTexts, kindText, repeatTexts } from './picture/words.ts';

/**
 * The DAG as a Mermaid flowchart, left to right. Maps, group retries and loops are subgraphs that lines lead to and
 * from; a mapped task has double sides, what waits is a hexagon.
 *
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function renderMermaid(manifest: Manifest): string {
  const { modules = [] } = manifest;
  const names: Names = new Map([
    ...manifest.groups.map((group, index) => [group.id, `g${index}`] as const),
    ...manifest.tasks.map((task, index) => [task.id, `t${index}`] as const),
  ]);
  const chart: Chart = { manifest, names, modules: new Map(modules.map((module) => [module.id, module])) };
  const grouped = new Set(manifest.groups.flatMap((group) => group.tasks));
  const lines = ['flowchart LR'];
  for (const task of manifest.tasks) {
    if (!grouped.has(task.id)) lines.push(`  ${node(task, chart)}`);
  }
  for (const [index, group] of manifest.groups.entries()) {
    // An inner group is declared inside the one whose id begins its own.
    if (outerOf(group.id, manifest) === undefined) lines.push(...subgraph(index, chart, '  '));
  }
  for (const place of [...manifest.tasks, ...modules]) {
    // A mapped task waits as the module that it is.
    if (place.id === place.module) continue;
    for (const edge of place.upstream) lines.push(`  ${arrow(edge, place.id, names)}`);
  }
  return lines.join('\n');
}

type Names = ReadonlyMap<string, string>;

interface Chart {
  readonly manifest: Manifest;
  readonly names: Names;
  readonly modules: ReadonlyMap<string, ManifestModule>;
}

/** The innermost other group that contains the group `id`, by the ids' prefixes. */
function outerOf(id: string, manifest: Manifest): string | undefined {
  return manifest.groups
    .map((group) => group.id)
    .filter((other) => id.startsWith(`${other}.`))
    .sort((a, b) => b.length - a.length)[0];
}

function subgraph(index: number, chart: Chart, indent: string): string[] {
  const { manifest, modules } = chart;
  const group = manifest.groups[index];
  if (group === undefined) return [];
  const members = manifest.tasks.filter((task) => group.tasks.includes(task.id));
  const inner = manifest.groups.flatMap((other, at) =>
    outerOf(other.id, manifest) === group.id ? [at] : [],
  );
  const module = modules.get(group.id);
  const title = module ? [group.id, ...repeatTexts(module)].join(' · ') : group.id;
  return [
    `${indent}subgraph g${index}["${escaped(title)}"]`,
    ...members.map((task) => `${indent}  ${node(task, chart)}`),
    ...inner.flatMap((at) => subgraph(at, chart, `${indent}  `)),
    `${indent}end`,
  ];
}

function node(task: ManifestTask, { names, modules }: Chart): string {
  const map = task.module === task.id ? modules.get(task.id) : undefined;
  const kind = kindText(map ? { ...task, triggerRule: map.triggerRule } : task);
  const notes = [kind, ...(map ? repeatTexts(map) : []), ...boundTexts(task)];
  const label = `"${escaped(task.id)}<br/><small>${notes.map(escaped).join('<br/>')}</small>"`;
  const [open, close] = map ? ['[[', ']]'] : (SHAPES[task.kind] ?? ['[', ']']);
  return `${names.get(task.id)}${open}${label}${close}`;
}

const SHAPES: Readonly<Record<string, readonly [string, string]>> = {
  branch: ['{', '}'],
  choose: ['{', '}'],
  shortCircuit: ['{', '}'],
  setup: ['([', '])'],
  teardown: ['([', '])'],
  approve: ['{{', '}}'],
  'sensor.fn': ['{{', '}}'],
  'sensor.http': ['{{', '}}'],
  'sensor.sql': ['{{', '}}'],
  'sensor.file': ['{{', '}}'],
  'sensor.at': ['{{', '}}'],
};

function arrow({ task, labels }: ManifestTask['upstream'][number], to: string, names: Names): string {
  const label = labels === undefined ? '' : `|"${escaped(labels.join(', '))}"|`;
  return `${names.get(task)} -->${label} ${names.get(to)}`;
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
