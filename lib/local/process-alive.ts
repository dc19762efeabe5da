import { readFileSync } from 'node:fs';

/** True where a process of this id is there, whoever's it is, and has not ended. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // One that was killed keeps its id until its parent asks how it ended, which in containers may be never.
    return statOf(pid)?.state !== 'Z';
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** A process, told from later ones that get its id. */
export interface ProcessMark {
  readonly pid: number;
  /** When it began, as the system counts it. Absent: this system does not tell. */
  readonly since?: string;
}

/** This very process. */
export function thisProcess(): ProcessMark {
  own ??= { pid: process.pid, ...sinceOf(process.pid) };
  return own;
}

let own: ProcessMark | undefined;

/** True where that process is there, and no later one of its id: in containers ids come again at once. */
export function isSameAlive({ pid, since }: ProcessMark): boolean {
  if (!isAlive(pid)) return false;
  const now = since === undefined ? undefined : sinceOf(pid).since;
  return now === undefined || now === since;
}

function sinceOf(pid: number): Pick<ProcessMark, 'since'> {
  const since = statOf(pid)?.since;
  return since === undefined ? {} : { since };
}

/**
 * What the system says of a process; `undefined` where it says nothing.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html fields 3, state, and 22, starttime
 */
function statOf(pid: number): { readonly state?: string; readonly since?: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before may hold blanks and brackets.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state, since] = [fields[0], fields[19]];
    return { ...(state === undefined ? {} : { state }), ...(since === undefined ? {} : { since }) };
  } catch {
    return undefined;
  }
}
