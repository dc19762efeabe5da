import type { Duration } from '../base/duration.ts';
import type { Value } from '../model/ref.ts';
import { knownOptions } from './options.ts';
import type { Wait } from './waits.ts';

export interface ApproveOptions<Choice extends string, Rejects extends NoInfer<Choice>> {
  /** What is asked: text`Load ${count.output.rows} rows?`. */
  readonly message: Value<string>;
  /** What may be answered. @default ['approve', 'reject'] */
  readonly choices?: readonly Choice[];
  /** Of `choices`: those that fail the task with `Approval.Rejected`, which is not retried. @default ['reject'], where it is a choice */
  readonly rejects?: readonly Rejects[];
  /** How long an answer is waited for; then the task fails with `States.Timeout`. @default '7d' */
  readonly timeout?: Duration;
}

export interface Approval<Choice extends string> {
  /** What was answered. */
  readonly choice: Choice;
  /** Who did. */
  readonly by?: string;
  /** When, ISO 8601 UTC. */
  readonly at: string;
  readonly comment?: string;
}

const DEFAULT_CHOICES = ['approve', 'reject'];
const DEFAULT_REJECT = 'reject';

/**
 * Waits for a person; waiting holds nothing. Answered by `tutti approve <run> <task>`. A choice of `rejects` fails
 * the task, every other one is its output.
 *
 * @example task('gate', approve({ message: text`Load ${count.output.rows} rows?`, timeout: '8h' }))
 */
export function approve<
  const Choice extends string = 'approve' | 'reject',
  const Rejects extends NoInfer<Choice> = Extract<Choice, 'reject'>,
>(options: ApproveOptions<Choice, Rejects>): Wait<Approval<Exclude<Choice, Rejects>>> {
  const { message, choices = DEFAULT_CHOICES, timeout } = options;
  const rejects = options.rejects ?? choices.filter((choice) => choice === DEFAULT_REJECT);
  return {
    kind: 'wait',
    node: (site) => {
      knownOptions(
        options,
        ['message', 'choices', 'rejects', 'timeout'],
        `task "${site.id}" › approve`,
        site.at,
      );
      const text = site.read(message, 'message');
      return { kind: 'approve', message: text, choices: [...choices], rejects: [...rejects] };
    },
    ...(timeout === undefined ? {} : { timeout }),
  };
}
