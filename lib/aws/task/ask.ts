import type { JsonObject } from '../../base/json.ts';
import { type QuestionItem, questionKey } from '../../deployment/question.ts';
import type { Question } from '../../model/approval.ts';
import type { TaskEvent } from '../../model/run-input.ts';
import { questionOf } from '../../runtime/question.ts';
import type { RunTable } from './run-table.ts';

/** Lets people see what an approval asks; the answer goes to the event's token. Asked again, the last token counts. */
export async function ask(
  table: RunTable,
  { event, args, nowMs }: { readonly event: TaskEvent; readonly args: JsonObject; readonly nowMs: number },
): Promise<Question> {
  const { run } = event.execution;
  const question = questionOf(event, args, new Date(nowMs).toISOString());
  const place = { dagId: run.dagId, runId: run.id, attempt: run.attempt };
  const item: QuestionItem = {
    ...questionKey(place, question),
    token: event.token ?? '',
    question: JSON.stringify(question),
    ttl: Number(run.expires),
  };
  await table.put({ ...item });
  return question;
}
