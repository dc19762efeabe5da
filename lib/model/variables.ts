/** Names of a machine's variables, and of keys in its state data: what a compiled machine and its history agree on. */
import { shortHash } from '../base/hash.ts';

/** Longest variable name. @see https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html */
const MAX_VARIABLE = 80;

/**
 * Variable of a task's output: injective (`.` → `_d`, `-` → `_h`, `_` → `__`), one name per level of
 * nesting. What would be too long ends in a hash of it instead.
 */
export function variable(taskId: string, level: number): string {
  return shortened(level === 0 ? `t_${mangled(taskId)}` : `t_${mangled(taskId)}_e${level}`);
}

/**
 * Variables of a module, by what they hold: `m` what its tasks gave, `i` the item of an instance, `n` its number,
 * `l` its label, `v` what a loop's last iteration gave.
 */
export function moduleVariable(holds: 'm' | 'i' | 'n' | 'l' | 'v', moduleId: string, level = 0): string {
  const name = `${holds}_${mangled(moduleId)}`;
  return shortened(level === 0 ? name : `${name}_e${level}`);
}

function mangled(id: string): string {
  return id.replace(/[^A-Za-z0-9]/gu, (char) => {
    if (char === '_') return '__';
    if (char === '.') return '_d';
    if (char === '-') return '_h';
    return `_u${char.codePointAt(0)?.toString(16)}_`;
  });
}

/** A variable that one task keeps of another's recorded output. */
export function fetchedVariable(reader: string, task: string): string {
  return shortened(`r${variable(reader, 0)}_${variable(task, 0)}`);
}

/** A variable that tells the places of a pool that a task holds from those of others. */
export function holderVariable(task: string): string {
  return shortened(`p${variable(task, 0)}`);
}

/** A variable of further out, in an execution of its own that is given it. */
export function borrowedVariable(name: string): string {
  return shortened(`${name}_b`);
}

function shortened(name: string): string {
  // `_x` begins no mangled character, so that no short name equals a shortened one.
  return name.length <= MAX_VARIABLE
    ? name
    : `${name.slice(0, MAX_VARIABLE - 18)}_x${shortHash(name)}${shortHash(`${name}.`)}`;
}

/** Key, in the state data, of what a brancher chose or a short circuit cut. */
export function markKey(taskId: string): string {
  return `${taskId}>`;
}

/**
 * Key, in the state data, of how far the tries of a task are that Step Functions runs by an engine: between a failed try
 * and the next one. There stand `n`, the number of the try to come, and `w`, seconds until then; negative: there is none.
 * No task has such an id.
 */
export const TRIES_KEY = '#';
