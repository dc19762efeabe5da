import { RefusedError } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import {
  type Answer,
  nameOf,
  type Question,
  questionsIn,
  readAnswer,
  writeAnswer,
} from '../../local/approval-files.ts';
import { systemClock } from '../../local/clock.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { userName } from '../ledger/actor.ts';
import { isElsewhere } from '../ledger/elsewhere.ts';
import type { LedgerOptions } from '../ledger/open-ledger.ts';
import { type PastRun, readRun } from '../past-run.ts';
import type { Context } from '../program.ts';
import { rootOf } from '../project.ts';
import { askLines } from '../questions.ts';

export interface ApproveOptions extends LedgerOptions {
  /** @default the first choice that does not fail the task */
  readonly choice?: string;
  readonly comment?: string;
  /** @default who is logged in here */
  readonly by?: string;
}

/** Answers a task that waits for a person; without a task lists all that wait. */
export async function approve(
  context: Context,
  runId: string | undefined,
  task: string | undefined,
  options: ApproveOptions,
): Promise<ExitCode> {
  if (isElsewhere(options))
    return (await import('../remote/approve.ts')).approveThere(context, { run: runId, task }, options);
  if (runId === undefined) throw refused('usage', 'run: must be said, got none; write latest, or its id');
  const { terminal } = context;
  const root = rootOf(context);
  const run = readRun(root, runId, 'approve');
  // The run takes an answer within a moment; until then the question is there still.
  const waiting = questionsIn(run.folder).filter((each) => readAnswer(run.folder, each) === undefined);
  if (task === undefined) {
    terminal.json({ run: run.record.id, waiting: isRunning(run) ? waiting : [] });
    const lines = isRunning(run)
      ? waiting.flatMap((each) => askLines(each, run.record.id, { root, terminal }))
      : [];
    terminal.print(lines.length === 0 ? `nothing waits in ${run.record.id}` : lines.join('\n'));
    return EXIT.ok;
  }
  const question = questionFor(run, waiting, task);
  const answer = answerTo(question, options);
  if (!writeAnswer(run.folder, question, answer)) throw answeredBefore(run, question);
  terminal.json({ run: run.record.id, task: question.task, instance: question.instance, answer });
  terminal.print(`${terminal.paint('green', '✓')} ${nameOf(question)}: ${answer.choice}`);
  return EXIT.ok;
}

function isRunning({ record, alive }: PastRun): boolean {
  return record.state === 'running' && alive;
}

/** @throws {RefusedError} `unknown-task`, `run-ended`, `already-answered`, `not-waiting` */
function questionFor(run: PastRun, waiting: readonly Question[], given: string): Question {
  const [, task = given, instance] = /^(.+)\[([\d.]+)\]$/.exec(given) ?? [];
  const ids = run.manifest.tasks.map(({ id }) => id);
  if (!ids.includes(task)) {
    const near = nearest(task, ids);
    const remedy = near === undefined ? `it has ${ids.join(', ')}` : `did you mean "${near}"?`;
    throw refused(
      'unknown-task',
      `task: must be a task of "${run.manifest.dagId}", got "${task}"; ${remedy}`,
    );
  }
  if (!isRunning(run)) throw ended(run);
  const ofTask = waiting.filter((each) => each.task === task);
  const meant = instance === undefined ? ofTask : ofTask.filter((each) => each.instance === instance);
  const [question, ...others] = meant;
  if (question !== undefined && others.length === 0) return question;
  if (question !== undefined)
    throw refused(
      'not-waiting',
      `task: must name which of ${task} is answered, got "${given}"; ${names(meant)}`,
    );
  const earlier = { task, ...(instance === undefined ? {} : { instance }) };
  if (readAnswer(run.folder, earlier) !== undefined) throw answeredBefore(run, earlier);
  throw refused('not-waiting', `task: must be waiting for an answer, got "${given}"; ${names(waiting)}`);
}

function names(waiting: readonly Question[]): string {
  if (waiting.length === 0) return 'nothing waits in this run now';
  return `waiting: ${waiting.map(nameOf).join(', ')}`;
}

function ended({ record }: PastRun): RefusedError {
  const got = record.state === 'running' ? 'one whose process is gone' : `one that ended ${record.state}`;
  return refused('run-ended', `run "${record.id}": must be running, got ${got}; nobody waits for an answer`);
}

function answeredBefore(run: PastRun, question: Pick<Question, 'task' | 'instance'>): RefusedError {
  const { choice, by, at } = readAnswer(run.folder, question) ?? { choice: 'something', at: 'just now' };
  const who = by === undefined ? '' : ` by ${by}`;
  const text = `task: must be waiting for an answer, got "${nameOf(question)}", answered ${choice}${who} at ${at}; an answer is final`;
  return refused('already-answered', text);
}

/** @throws {RefusedError} `invalid-choice` */
function answerTo(
  { choices, rejects }: Question,
  { choice, by = userName(), comment }: ApproveOptions,
): Answer {
  const chosen = choice ?? choices.find((each) => !rejects.includes(each)) ?? choices[0] ?? '';
  if (!choices.includes(chosen))
    throw refused('invalid-choice', `--choice: must be one of ${choices.join(', ')}, got "${chosen}"`);
  return {
    choice: chosen,
    ...(by === undefined ? {} : { by }),
    at: new Date(systemClock.now()).toISOString(),
    ...(comment === undefined ? {} : { comment }),
  };
}

function refused(code: string, text: string): RefusedError {
  return new RefusedError(code, `tutti approve › ${text}`);
}
