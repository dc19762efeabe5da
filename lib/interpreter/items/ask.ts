import type { Json } from '../../base/json.ts';
import { Aborted, Failure } from '../failure.ts';
import type { Visit } from '../visit.ts';

/** Asks the resources for what a Map reads or writes itself: no events, no deadlines. */
export async function ask(
  visit: Visit,
  resource: string,
  sent: Json,
  explain: (thrown: unknown) => readonly [error: string, text: string],
): Promise<unknown> {
  const { frame } = visit;
  const controller = new AbortController();
  frame.cancel = () => controller.abort(new Aborted());
  try {
    return await frame.execution.world.resources({
      resource,
      pattern: 'request',
      arguments: sent,
      stateName: visit.name,
      eventId: frame.cursor,
      context: visit.context(),
      signal: controller.signal,
    });
  } catch (thrown) {
    const [error, text] = explain(thrown);
    throw new Failure(error, { text, cause: thrown });
  } finally {
    frame.cancel = undefined;
  }
}
