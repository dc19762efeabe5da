/** The tasks of a DAG as a table; what is in a map, a group retry or a loop stands below it. */
import type { DagNode } from '../model/dag.ts';
import type { Manifest, ManifestModule, ManifestTask } from '../model/manifest.ts';
import { DEFAULT_RETRY_DELAY_SECONDS, type RetryRule } from '../model/task.ts';
import { type PictureUnit, pictureUnits } from './picture/scopes.ts';
import { lengthText, repeatTexts } from './picture/words.ts';
import type { Terminal } from './terminal.ts';
import { clip, columns } from './words.ts';

const TITLES = ['task', 'kind', 'after', 'trigger rule', 'retries', 'timeout', 'due after', 'pool'];
const AFTER_LIMIT = 60;

export function taskTable(
  dag: DagNode,
  manifest: Manifest,
  { paint }: Pick<Terminal, 'paint'>,
): readonly string[] {
  const retries = retriesOf(dag);
  const rows = rowsOf(pictureUnits(manifest), { retries, around: '', indent: '' });
  const used = TITLES.map((_, column) => rows.some((row) => row[column] !== ''));
  const kept = [TITLES, ...rows].map((row) => row.filter((_, column) => used[column]));
  const [title = '', ...lines] = columns(kept);
  return [paint('gray', title), ...lines];
}

/** What the retry rules of each task and group say. */
function retriesOf(dag: DagNode): ReadonlyMap<string, string> {
  return new Map([
    ...dag.tasks.map((task) => [task.id, retriesText(task.retries)] as const),
    ...dag.groups.flatMap(({ id, module }) =>
      module?.does.kind === 'retry' ? [[id, retriesText([module.does.retries])] as const] : [],
    ),
  ]);
}

interface Place {
  readonly retries: ReadonlyMap<string, string>;
  /** Id of the module around, with its dot. */
  readonly around: string;
  readonly indent: string;
}

function rowsOf(units: readonly PictureUnit[], place: Place): readonly (readonly string[])[] {
  const { retries, around, indent } = place;
  const ordered = units.toSorted((a, b) => a.column - b.column || a.row - b.row);
  return ordered.flatMap((unit) => {
    const { id, task, module, inside } = unit;
    const rule = (module ?? task)?.triggerRule ?? 'all_success';
    const row = [
      indent + id.slice(around.length),
      kindOf(task, module),
      afterText(unit, around),
      rule === 'all_success' ? '' : rule,
      retries.get(id) ?? '',
      task?.timeout === undefined ? '' : lengthText(task.timeout),
      task?.deadline === undefined ? '' : lengthText(task.deadline),
      task?.pool === undefined ? '' : poolText(task.pool),
    ];
    return [row, ...rowsOf(inside, { retries, around: `${id}.`, indent: `${indent}  ` })];
  });
}

/** `fn`; `fn × listed.files · 2 at once`; `group × listed.files`; `loop until fetch.rows ≥ 3 · at most 5 times`. */
function kindOf(task: ManifestTask | undefined, module: ManifestModule | undefined): string {
  if (module === undefined) return task?.kind ?? '';
  const kind = task?.kind ?? (module.kind === 'loop' ? 'loop' : 'group');
  // How often a group is tried again has a column of its own.
  return module.kind === 'retry' ? kind : `${kind} ${repeatTexts(module).join(' · ')}`;
}

function poolText({ name, slots }: NonNullable<ManifestTask['pool']>): string {
  return slots === 1 ? name : `${name} × ${slots}`;
}

/** As the scope sees it: a task in a module is called by its short name there, and waits for nothing outside. */
function afterText({ upstream }: PictureUnit, around: string): string {
  const names = upstream.map(({ task, labels }) => {
    const name = task.slice(around.length);
    return labels === undefined ? name : `${name} (${labels.join(', ')})`;
  });
  return clip(names.join(', '), AFTER_LIMIT);
}

/** `3 × 1m, ×2, at most 15m, jitter`: what retry rules say; `''` without any. */
export function retriesText(rules: readonly RetryRule[]): string {
  return rules.map(ruleText).join(' | ');
}

function ruleText(rule: RetryRule): string {
  const on = rule.on === undefined ? '' : `${rule.on.join(', ')}: `;
  if (rule.attempts === 0) return `${on}none`;
  const parts = [
    `${rule.attempts} × ${lengthText(rule.delay ?? DEFAULT_RETRY_DELAY_SECONDS)}`,
    (rule.backoff ?? 1) === 1 ? '' : `×${rule.backoff}`,
    rule.maxDelay === undefined ? '' : `at most ${lengthText(rule.maxDelay)}`,
    rule.jitter === true ? 'jitter' : '',
  ];
  return on + parts.filter(Boolean).join(', ');
}
