/**
 * Questions and answers of a run's approvals, as files in its folder: `approvals/<task>[#<instance>].question.json` while
 * somebody waits, `….answer.json` once somebody answered. Another process answers by writing the file.
 */
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Answer, nameOf, type Question } from '../model/approval.ts';
import { isNamed } from '../runtime/named-error.ts';

export { type Answer, nameOf, type Question };

/** Who waits, in the order asked. `run`: the run's folder. */
export function questionsIn(run: string): readonly Question[] {
  const folder = folderIn(run);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.question.json'));
  const questions = names.flatMap((name): readonly Question[] => readJson(join(folder, name)));
  return [...questions].sort((a, b) => (a.askedAt === b.askedAt ? 0 : a.askedAt < b.askedAt ? -1 : 1));
}

/**
 * Shows a question, and forgets an answer to an earlier one of the same name. One that is still shown was asked by a
 * process that died: whoever answered since answered this one.
 */
export function writeQuestion(run: string, question: Question): void {
  mkdirSync(folderIn(run), { recursive: true });
  const path = pathOf(run, question, 'question');
  if (!existsSync(path)) rmSync(pathOf(run, question, 'answer'), { force: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(question)}\n`);
  renameSync(`${path}.new`, path);
}

/** Nobody waits for it any more. */
export function removeQuestion(run: string, question: Question): void {
  rmSync(pathOf(run, question, 'question'), { force: true });
}

export function readAnswer(run: string, to: Pick<Question, 'task' | 'instance'>): Answer | undefined {
  return readJson<Answer>(pathOf(run, to, 'answer'))[0];
}

/** Answers, unless somebody was faster: `false`. */
export function writeAnswer(run: string, question: Question, answer: Answer): boolean {
  const path = pathOf(run, question, 'answer');
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(answer)}\n`);
  try {
    // Whole or not at all, and never over another one.
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (isNamed(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function folderIn(run: string): string {
  return join(run, 'approvals');
}

function pathOf(
  run: string,
  { task, instance }: Pick<Question, 'task' | 'instance'>,
  kind: 'question' | 'answer',
): string {
  return join(folderIn(run), `${task}${instance === undefined ? '' : `#${instance}`}.${kind}.json`);
}

/** What a file holds; none where there is none. */
function readJson<T>(path: string): readonly T[] {
  try {
    const value: T = JSON.parse(readFileSync(path, 'utf8'));
    return [value];
  } catch (error) {
    if (isNamed(error, 'ENOENT')) return [];
    throw error;
  }
}
