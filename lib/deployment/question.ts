/**
 * An approval that waits on AWS: an item of its run, which the DAG's function puts and whoever answers deletes. What is
 * answered goes to `token`: the `Answer` by SendTaskSuccess, or `Approval.Rejected` by SendTaskFailure.
 */
import type { Question } from '../model/approval.ts';

/** The item: `token` as text, `question` as JSON text, `ttl` as number. */
export interface QuestionItem {
  readonly pk: string;
  readonly sk: string;
  readonly token: string;
  /** A {@link Question}. */
  readonly question: string;
  /** Seconds since the epoch. */
  readonly ttl: number;
}

export interface QuestionPlace {
  readonly dagId: string;
  readonly runId: string;
  /** Number of the run's execution, from "1". */
  readonly attempt: string;
}

export type QuestionKey = Pick<QuestionItem, 'pk' | 'sk'>;

/** `RUN#<dag>#<run>`, `Q#<attempt>#<task>`, of an instance `Q#<attempt>#<task>#<counter>#<counter>`. */
export function questionKey(
  place: QuestionPlace,
  { task, instance = '' }: Pick<Question, 'task' | 'instance'>,
): QuestionKey {
  const counters = instance === '' ? '' : `#${instance.replaceAll('.', '#')}`;
  const { pk, sk } = questionsOf(place);
  return { pk, sk: `${sk}${task}${counters}` };
}

/** Partition, and beginning of the sort keys, of all questions of an attempt. */
export function questionsOf({ dagId, runId, attempt }: QuestionPlace): QuestionKey {
  return { pk: `RUN#${dagId}#${runId}`, sk: `Q#${attempt}#` };
}
