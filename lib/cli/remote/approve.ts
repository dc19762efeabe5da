/** `tutti approve --env`: who waits in an environment, and answers. */
import { defined } from '../../api/defined.ts';
import { RefusedError } from '../../base/errors.ts';
import { nameOf, type Question } from '../../model/approval.ts';
import type { Run } from '../../model/run.ts';
import type { ApproveOptions } from '../commands/approve.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { findHead, findRun } from '../ledger/find-run.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Context } from '../program.ts';
import { rootOf } from '../project.ts';
import { askLines } from '../questions.ts';
import { type ApiClient, pathTo } from './client.ts';
import { withRemote } from './remote-ledger.ts';

interface Waiting extends Question {
  readonly dagId: string;
  readonly runId: string;
}

interface Answered {
  readonly answer: { readonly choice: string };
}

/** `run`: `<dag>/<run>`, where a run is said as everywhere: by its date, its id, or latest; without one all that wait. */
export function approveThere(
  context: Context,
  { run: text, task }: { readonly run: string | undefined; readonly task: string | undefined },
  options: ApproveOptions,
): Promise<ExitCode> {
  return withRemote(context, options, async (ledger, api) => {
    const { dag, run } = text === undefined ? {} : await found(ledger, text);
    if (task === undefined) return listThere(context, { ledger, api }, defined({ dag, run: run?.id }));
    if (run === undefined) throw noRun(text ?? '');
    return answerThere(context, api, { ...options, task, of: run });
  });
}

/** `sales` or `sales/latest`. @throws {RefusedError} `usage`, `unknown-dag`, `unknown-run` */
async function found(ledger: Ledger, text: string): Promise<{ readonly dag: string; readonly run?: Run }> {
  const [dag, run] = partsOf(text);
  if (run !== undefined) return { dag, run: await findRun(ledger, 'approve', dag, run) };
  await findHead(ledger.store, 'approve', dag);
  return { dag };
}

async function listThere(
  context: Context,
  { ledger, api }: { readonly ledger: Ledger; readonly api: ApiClient },
  of: { readonly dag?: string; readonly run?: string },
): Promise<ExitCode> {
  const { items } = await api.pages<Waiting>('/approvals', of);
  context.terminal.json({ waiting: items });
  const lines = items.flatMap((each) => questionLines(context, each, ledger.suffix));
  const nothing = `nothing waits in ${of.run ?? of.dag ?? ledger.environment}`;
  context.terminal.print(lines.length === 0 ? nothing : lines.join('\n'));
  return EXIT.ok;
}

async function answerThere(
  { terminal }: Context,
  api: ApiClient,
  { task, of, choice, comment }: ApproveOptions & { readonly task: string; readonly of: Run },
): Promise<ExitCode> {
  const [, id = task, instance] = /^(.+)\[([\d.]+)\]$/.exec(task) ?? [];
  const path = `${pathTo('dags', of.dagId, 'runs', of.id, 'tasks', id)}:answer`;
  const { answer } = await api.post<Answered>(path, { instance, choice, comment });
  terminal.json({ run: of.id, task: id, instance, answer });
  const name = nameOf(defined({ task: id, instance }));
  terminal.print(`${terminal.paint('green', '✓')} ${name}: ${answer.choice}`);
  return EXIT.ok;
}

/** The DAG alone: of all its runs. */
function partsOf(text: string): readonly [dagId: string, run?: string] {
  const at = text.indexOf('/');
  if (at === -1) return [text];
  const [dagId, run] = [text.slice(0, at), text.slice(at + 1)];
  if (dagId !== '' && run !== '') return [dagId, run];
  throw noRun(text);
}

function noRun(text: string): RefusedError {
  return new RefusedError(
    'usage',
    `tutti approve › run: must be <dag>/<run> of another environment, got "${text.slice(0, 120)}"; write sales/latest`,
  );
}

function questionLines(context: Context, { dagId, runId, ...question }: Waiting, suffix: string) {
  const root = rootOf(context);
  return askLines(question, `${dagId}/${runId}`, { root, terminal: context.terminal }).map((line, index) =>
    index === 1 ? `${line}${suffix}` : line,
  );
}
