import { relative } from 'node:path';
import type { Duration } from '../base/duration.ts';
import type { DagNode, ParamNode } from '../model/dag.ts';
import type { Manifest } from '../model/manifest.ts';
import { DEFAULT_RETRY_DELAY_SECONDS, type RetryRule, type TaskNode } from '../model/task.ts';
import type { Terminal } from './terminal.ts';
import { clip, columns, count } from './words.ts';

/** The DAG for a person at a terminal: what it is, when it runs, its params, its tasks. */
export function renderText(dag: DagNode, manifest: Manifest, terminal: Pick<Terminal, 'paint'>): string {
  const { paint } = terminal;
  const head = [paint('bold', dag.id), ...(dag.description === undefined ? [] : [dag.description])];
  const facts = columns(factsOf(dag, manifest).map(([name, value]) => [`  ${paint('gray', name)}`, value]));
  return [
    ...head,
    '',
    ...facts,
    ...section('params', paramLines(dag), terminal),
    ...section(count(dag.tasks.length, 'task'), taskLines(dag, manifest, terminal), terminal),
    ...(dag.doc === undefined ? [] : ['', dag.doc.trim()]),
  ].join('\n');
}

function factsOf(dag: DagNode, manifest: Manifest): readonly (readonly [string, string])[] {
  const { start, end, catchup, maxActiveRuns, runTimeout } = dag;
  const bounds = [start === undefined ? '' : `from ${start}`, end === undefined ? '' : `until ${end}`].filter(
    Boolean,
  );
  const runs = [catchup ? 'catchup' : 'no catchup', `at most ${count(maxActiveRuns, 'run')} at once`];
  return [
    ['schedule', [manifest.schedule, ...bounds].join(', ')],
    [
      'runs',
      [...runs, ...(runTimeout === undefined ? [] : [`each at most ${lengthText(runTimeout)}`])].join(', '),
    ],
    ['fails', dag.runState === 'leaves' ? 'when a leaf failed' : 'when any task failed'],
    ...(dag.owner === undefined ? [] : [['owner', dag.owner] as const]),
    ...(dag.tags.length === 0 ? [] : [['tags', dag.tags.join(', ')] as const]),
    ...(dag.connections.length === 0
      ? []
      : [['connections', dag.connections.map(({ name, kind }) => `${name} (${kind})`).join(', ')] as const]),
    ...(dag.at === undefined ? [] : [['file', `${relative('.', dag.at.file)}:${dag.at.line}`] as const]),
  ];
}

function section(
  title: string,
  lines: readonly string[],
  { paint }: Pick<Terminal, 'paint'>,
): readonly string[] {
  return lines.length === 0 ? [] : ['', paint('bold', title), ...lines.map((line) => `  ${line}`)];
}

function paramLines(dag: DagNode): readonly string[] {
  return columns(
    Object.entries(dag.params).map(([name, param]) => [
      name,
      param.type,
      param['default'] === undefined ? 'required' : `default ${JSON.stringify(param['default'])}`,
      boundsOf(param),
    ]),
  );
}

function boundsOf(param: ParamNode): string {
  const { enum: choices, description, minimum, maximum, pattern } = param;
  const parts = [
    Array.isArray(choices) ? `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}` : '',
    minimum === undefined ? '' : `at least ${minimum}`,
    maximum === undefined ? '' : `at most ${maximum}`,
    pattern === undefined ? '' : `like ${pattern}`,
    typeof description === 'string' ? description : '',
  ];
  return parts.filter(Boolean).join('; ');
}

function taskLines(dag: DagNode, manifest: Manifest, { paint }: Pick<Terminal, 'paint'>): readonly string[] {
  const nodes = new Map(dag.tasks.map((task) => [task.id, task]));
  const ordered = [...manifest.tasks].sort(
    (a, b) => a.layout.column - b.layout.column || a.layout.row - b.layout.row,
  );
  const rows = ordered.flatMap(({ id, kind, triggerRule }) => {
    const task = nodes.get(id);
    if (task === undefined) return [];
    const rule = triggerRule === 'all_success' ? '' : triggerRule;
    return [
      [
        id,
        kind,
        afterText(task),
        rule,
        retriesText(task.retries),
        task.timeout === undefined ? '' : lengthText(task.timeout),
      ],
    ];
  });
  const titles = ['task', 'kind', 'after', 'trigger rule', 'retries', 'timeout'];
  const used = titles.map((_, column) => rows.some((row) => row[column] !== ''));
  const kept = [titles, ...rows].map((row) => row.filter((_, column) => used[column]));
  const [title = '', ...lines] = columns(kept);
  return [paint('gray', title), ...lines];
}

function afterText(task: TaskNode): string {
  const names = task.upstream.map((edge) =>
    edge.labels === undefined ? edge.task : `${edge.task} (${edge.labels.join(', ')})`,
  );
  return clip(names.join(', '), 60);
}

/** `3 × 1m, ×2, at most 15m, jitter`: what a task's retry rules say; `''` without any. */
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

function lengthText(duration: Duration): string {
  if (typeof duration === 'string') return duration;
  if (duration % 86_400 === 0) return `${duration / 86_400}d`;
  if (duration % 3600 === 0) return `${duration / 3600}h`;
  return duration % 60 === 0 ? `${duration / 60}m` : `${duration}s`;
}
