import { readFileSync } from 'node:fs';

/** True where a process of this id is there, whoever's it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
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

/** @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html field 22, starttime */
function sinceOf(pid: number): Pick<ProcessMark, 'since'> {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before may hold blanks and brackets.
    const since = text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
    return since === undefined ? {} : { since };
  } catch {
    return {};
  }
}
