/** Answers tasks that wait for a person. */
import { RefusedError } from '../base/errors.ts';
import { nearest } from '../base/suggest.ts';
import { type Answer, nameOf, type Question } from '../model/approval.ts';
import { isFinal, type Run, type RunKey } from '../model/run.ts';
import { runOf, versionOfRun } from './known.ts';
import { note } from './note.ts';
import type { Actor, World } from './ports.ts';

/** A question, and the run that asks it. */
export interface Waiting extends RunKey {
  readonly question: Question;
}

export interface AnswerRequest extends RunKey {
  readonly task: string;
  /** Which of several that wait. @default the one that does */
  readonly instance?: string;
  /** @default the first choice that does not fail the task */
  readonly choice?: string;
  readonly comment?: string;
}

/** Most runs that are asked what they wait for. */
const MOST_RUNS = 200;

/** Who waits, in runs under way: of one run, of a DAG, or of all. @throws {RefusedError} `unknown-dag`, `unknown-run` */
export async function waitingFor(world: World, of: Partial<RunKey> = {}): Promise<readonly Waiting[]> {
  const { dagId, runId } = of;
  const open =
    dagId !== undefined && runId !== undefined
      ? [await runOf(world, { dagId, runId })]
      : await world.store.runs.open(dagId === undefined ? undefined : { dagId });
  const running = open.filter(({ state }) => state === 'running').slice(0, MOST_RUNS);
  const asked = await Promise.all(
    running.map(async (run) => {
      const questions = (await world.approvals?.list(run)) ?? [];
      return questions.map((question) => ({ dagId: run.dagId, runId: run.id, question }));
    }),
  );
  return asked.flat();
}

/**
 * Answers a question.
 *
 * @throws {RefusedError} `unknown-dag`, `unknown-run`, `unknown-task`, `run-ended`, `not-waiting`, `invalid-choice`
 */
export async function answerQuestion(
  world: World,
  actor: Actor,
  request: AnswerRequest,
): Promise<{ readonly question: Question; readonly answer: Answer }> {
  const { dagId, runId, comment } = request;
  const run = await runOf(world, request);
  await assertTask(world, run, request.task);
  if (isFinal(run.state))
    throw new RefusedError(
      'run-ended',
      `dag "${dagId}" › run "${runId}": must be running, got one that is ${run.state}; nobody waits for an answer`,
    );
  const question = meant(run, (await world.approvals?.list(run)) ?? [], request);
  const answer: Answer = {
    choice: choiceOf(run, question, request.choice),
    by: actor.name,
    at: new Date(world.clock.now()).toISOString(),
    ...(comment === undefined ? {} : { comment }),
  };
  if ((await world.approvals?.answer(run, question, answer)) !== true)
    throw notWaiting(run, nameOf(question), 'somebody was faster, or its time is over');
  const details = { task: nameOf(question), choice: answer.choice };
  await note(world, actor, 'approve', { dagId, runId, details });
  return { question, answer };
}

function meant(
  run: Run,
  waiting: readonly Question[],
  { task, instance }: Pick<AnswerRequest, 'task' | 'instance'>,
): Question {
  const ofTask = waiting.filter(
    (each) => each.task === task && (instance === undefined || each.instance === instance),
  );
  const [question, ...others] = ofTask;
  if (question !== undefined && others.length === 0) return question;
  const there = question === undefined ? waiting : ofTask;
  const name = nameOf({ task, ...(instance === undefined ? {} : { instance }) });
  throw notWaiting(
    run,
    name,
    there.length === 0 ? 'nothing waits in this run now' : `waiting: ${there.map(nameOf).join(', ')}`,
  );
}

function notWaiting({ dagId, id }: Run, name: string, what: string): RefusedError {
  return new RefusedError(
    'not-waiting',
    `dag "${dagId}" › run "${id}" › task: must be one that waits for an answer, got "${name}"; ${what}`,
  );
}

async function assertTask(world: World, run: Run, task: string): Promise<void> {
  const ids = (await versionOfRun(world, run)).manifest.tasks.map(({ id }) => id);
  if (ids.includes(task)) return;
  const near = nearest(task, ids);
  const remedy = near === undefined ? `it has ${ids.slice(0, 20).join(', ')}` : `did you mean "${near}"?`;
  throw new RefusedError(
    'unknown-task',
    `dag "${run.dagId}" › task: must be one of its tasks, got "${task.slice(0, 120)}"; ${remedy}`,
  );
}

function choiceOf(run: Run, { choices, rejects }: Question, choice: string | undefined): string {
  const chosen = choice ?? choices.find((each) => !rejects.includes(each)) ?? choices[0] ?? '';
  if (choices.includes(chosen)) return chosen;
  throw new RefusedError(
    'invalid-choice',
    `dag "${run.dagId}" › choice: must be one of ${choices.join(', ')}, got "${chosen.slice(0, 120)}"`,
  );
}
