import { FORBIDDEN_IN_NAMES, MAX_STATE_NAME_LENGTH } from '../../asl/limits.ts';
import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import { dagPath, orList, place, taskPath } from './rule.ts';

const FORBIDDEN = new RegExp(FORBIDDEN_IN_NAMES, 'gu');

/** Ids of tasks and of the DAG are 1 to 80 characters that AWS takes in a name. */
export function taskId(dag: DagNode): readonly Problem[] {
  const ofDag = mistakeIn(dag.id);
  const problems = dag.tasks.flatMap((task) => {
    const mistake = mistakeIn(task.id);
    return mistake === undefined
      ? []
      : [{ code: 'task-id', path: taskPath(dag, task), ...mistake, ...place(task) }];
  });
  return ofDag === undefined
    ? problems
    : [{ code: 'task-id', path: dagPath(dag), ...ofDag, ...place(dag) }, ...problems];
}

function mistakeIn(id: string): Pick<Problem, 'message' | 'remedy'> | undefined {
  if (id === '') return { message: 'id must not be empty, got ""', remedy: "give it a name: 'load'" };
  const forbidden = [...new Set(id.match(FORBIDDEN))];
  if (forbidden.length > 0) {
    return {
      message: `id must have no ${orList(forbidden.map(nameOf))}, got ${JSON.stringify(id)}`,
      remedy: suggestionFor(id),
    };
  }
  if (id === '@' || id === '=' || id in Object.prototype) {
    return {
      message: `id must not be "@", "=" or a word that every JavaScript object has, got ${JSON.stringify(id)}`,
      remedy: 'give it another name',
    };
  }
  const { length } = id;
  if (length <= MAX_STATE_NAME_LENGTH) return undefined;
  return {
    message: `id must have at most ${MAX_STATE_NAME_LENGTH} characters (the limit of a state's name on AWS), got ${length}`,
    remedy: 'shorten it, or the names of the groups it is in',
  };
}

function nameOf(character: string): string {
  if (character === ' ') return 'space';
  return /\s|\p{Cc}/u.test(character)
    ? `U+${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
    : `"${character}"`;
}

function suggestionFor(id: string): string {
  const cleaned = id.replaceAll(FORBIDDEN, '_').replaceAll(/_+/g, '_').replaceAll(/^_|_$/g, '');
  return cleaned === ''
    ? "use letters, digits, '_', '-' and '.'"
    : `write "${cleaned.slice(0, MAX_STATE_NAME_LENGTH)}"`;
}
