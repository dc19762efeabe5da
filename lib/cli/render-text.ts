import { relative } from 'node:path';
import type { DagNode, ParamNode } from '../model/dag.ts';
import type { Manifest } from '../model/manifest.ts';
import { lengthText } from './picture/words.ts';
import { retriesText, taskTable } from './task-table.ts';
import type { Terminal } from './terminal.ts';
import { columns, count } from './words.ts';

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
    ...section(count(dag.tasks.length, 'task'), taskTable(dag, manifest, terminal), terminal),
    ...(dag.doc === undefined ? [] : ['', dag.doc.trim()]),
  ].join('\n');
}

function factsOf(dag: DagNode, manifest: Manifest): readonly (readonly [string, string])[] {
  const { pools = [], connections, owner = '', tags, at } = dag;
  const facts = [
    ['schedule', [manifest.schedule, ...boundsOfRuns(dag)].join(', ')],
    ['runs', runTexts(dag).join(', ')],
    ['fails', dag.runState === 'leaves' ? 'when a leaf failed' : 'when any task failed'],
    ['owner', owner],
    ['tags', tags.join(', ')],
    ['pools', pools.map(({ name, slots }) => `${name} (${slots})`).join(', ')],
    ['connections', connections.map(({ name, kind }) => `${name} (${kind})`).join(', ')],
    ['file', at === undefined ? '' : `${relative('.', at.file)}:${at.line}`],
  ] as const;
  return facts.filter(([, value]) => value !== '');
}

function boundsOfRuns({ start, end }: DagNode): readonly string[] {
  return [start === undefined ? '' : `from ${start}`, end === undefined ? '' : `until ${end}`].filter(
    Boolean,
  );
}

function runTexts(dag: DagNode): readonly string[] {
  const { catchup, maxActiveRuns, runTimeout, deadline, runRetries } = dag;
  return [
    catchup ? 'catchup' : 'no catchup',
    `at most ${count(maxActiveRuns, 'run')} at once`,
    runTimeout === undefined ? '' : `each at most ${lengthText(runTimeout)}`,
    deadline === undefined ? '' : `due ${lengthText(deadline)} after the interval`,
    runRetries === undefined ? '' : `again as a whole ${retriesText([runRetries])}`,
  ].filter(Boolean);
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
