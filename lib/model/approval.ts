/** What a task asks that waits for a person, and what it is answered. */

export interface Question {
  readonly task: string;
  /** Which run of it, in maps, group retries and loops: `3`, `2.0`. */
  readonly instance?: string;
  /** What a person calls the item. */
  readonly label?: string;
  readonly message: string;
  readonly choices: readonly string[];
  /** Of `choices`: those that fail the task. */
  readonly rejects: readonly string[];
  /** ISO 8601, UTC. */
  readonly askedAt: string;
}

/** The task's output. */
export interface Answer {
  readonly choice: string;
  readonly by?: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly comment?: string;
}

/** `gate`, `gate[3]`: how a person names who waits. */
export function nameOf({ task, instance }: Pick<Question, 'task' | 'instance'>): string {
  return instance === undefined ? task : `${task}[${instance}]`;
}
