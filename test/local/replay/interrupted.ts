/** Simulated executions that are interrupted after some of their events, and go on. */

import type { JsonObject } from '../../../lib/base/json.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import type { Compiled } from '../../../lib/compiler/compile.ts';
import { project, type RunProjection } from '../../../lib/history/project.ts';
import { childEvent, type RunEvent } from '../../../lib/history/run-event.ts';
import { TaskError } from '../../../lib/interpreter/resource.ts';
import { TaskTokens } from '../../../lib/interpreter/tokens.ts';
import { executeParts } from '../../../lib/local/execute-parts.ts';
import { latchTable } from '../../../lib/local/latch-table.ts';
import { answersIn } from '../../../lib/local/replay/answers.ts';
import { Replay, type ReplayParts } from '../../../lib/local/replay/replay.ts';
import type { Script } from '../../../lib/local/script.ts';
import { simulatedInput } from '../../../lib/local/simulated-input.ts';
import { simulatedWorld } from '../../../lib/local/simulated-world.ts';
import type { TaskEvent } from '../../../lib/model/run-input.ts';
import { LookCounter } from '../../../lib/runtime/look.ts';

export interface Resumed {
  readonly events: readonly RunEvent[];
  readonly projection: RunProjection;
  /** The tries that began after the interruption. */
  readonly began: readonly TaskEvent[];
  /** How many events were written when the record's end was reached. */
  readonly replayed: number;
}

export interface Interrupted {
  readonly compiled: Compiled;
  readonly script: Script;
  readonly params?: JsonObject;
  /** What was written until the process died. */
  readonly events: readonly RunEvent[];
  /** For how long nobody ran it. @default 0 */
  readonly downMs?: number;
}

/** Keys of the tries that the events say began. */
export function begunIn(events: readonly RunEvent[]): readonly string[] {
  return [...answersIn(events).calls].flatMap(([key, calls]) => calls.map(() => key));
}

/** Executes it again from its events, and on to its end. */
export async function resume({
  compiled,
  script,
  params,
  events: before,
  downMs = 0,
}: Interrupted): Promise<Resumed> {
  const answers = answersIn(before);
  const clock = new VirtualClock(answers.lastMs + downMs);
  const events: RunEvent[] = [];
  const began: TaskEvent[] = [];
  let replayed = Number.POSITIVE_INFINITY;
  const replay = new Replay({
    answers,
    clock,
    onCaughtUp: () => {
      replayed = events.length;
    },
  });
  const onEvent = (event: RunEvent) => {
    events.push(event);
    replay.heard();
  };
  const tokens = new TaskTokens();
  const table = latchTable(tokens);
  const input = simulatedInput(
    compiled.manifest,
    Object.keys(compiled.parts ?? {}),
    params === undefined ? {} : { params },
  );
  const onTry = (event: TaskEvent) => void began.push(event);
  const lost = lostTries(before);
  const world = simulatedWorld({
    input,
    script: shifted(script, lost),
    tokens,
    clock: replay.clock,
    onTry,
    records: [],
    table,
  });
  const regain: ReplayParts['regain'] = async (requests) => {
    for (const acquire of requests) {
      const call = {
        resource: 'arn:aws:states:::lambda:invoke',
        arguments: { Payload: { acquire: { ...acquire, token: 'none' } } },
      };
      // Nobody waits for that token: the place is taken all the same.
      await Promise.resolve(world(call as never)).catch((error: unknown) => {
        if (!(error instanceof TaskError)) throw error;
      });
    }
    return new Map();
  };
  const running = executeParts(compiled, input, {
    clock: replay.clock,
    random: seededRandom(1),
    tokens,
    resources: replay.wrap(world, { tokens, table, looks: new LookCounter(), regain }),
    onEvent,
    onChildEvent: (event, child) => onEvent(childEvent(event, child)),
  });
  let isOver = false;
  void running.finally(() => {
    isOver = true;
  });
  await replay.drive(() => isOver);
  await clock.drive(running);
  return { events, projection: project(compiled.manifest, events), began, replayed };
}

/** By task and instance: the tries that were lost. */
function lostTries(events: readonly RunEvent[]): ReadonlyMap<string, readonly number[]> {
  const { calls } = answersIn(events);
  const open = [...calls.values()]
    .flat()
    .filter(({ end, payload }) => end === undefined && payload['task'] !== undefined);
  const found = Map.groupBy(open, ({ payload }) => runOf(payload as TaskEvent));
  return new Map([...found].map(([key, each]) => [key, each.map(({ payload }) => Number(payload['try']))]));
}

function runOf({ task, instance = '' }: TaskEvent): string {
  return `${task}@${instance}`;
}

/** A try after one that was lost does what that one would have done. */
function shifted(script: Script, lost: ReadonlyMap<string, readonly number[]>): Script {
  return (event, nowMs) => {
    const before = (lost.get(runOf(event)) ?? []).filter((count) => count < event.try).length;
    const asked = { ...event, try: event.try - before };
    if (typeof script === 'function') return script(asked, nowMs);
    const own = event.instance === undefined ? undefined : script[`${event.task}@${event.instance}`];
    const tries = own ?? script[event.task] ?? [];
    return tries[Math.min(asked.try, tries.length) - 1];
  };
}
