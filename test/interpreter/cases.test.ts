import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { StateMachine } from '../../lib/asl/states.ts';
import type { Json } from '../../lib/base/json.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { run, timed } from './machine.ts';

/** A machine, what its tasks do, and every event it writes. */
interface Case {
  readonly why: string;
  readonly machine: StateMachine;
  readonly input?: Json;
  /** By state, in order: how long each try takes, and its result or error. */
  readonly tasks?: Readonly<Record<string, readonly { seconds: number; result?: Json; error?: string }[]>>;
  readonly status: string;
  readonly seconds: number;
  /** `[previous event, type, state or index]`; ids count from 1. */
  readonly events: readonly (readonly [number, string, (string | number)?])[];
}

const folder = join(import.meta.dirname, 'cases');
const cases = readdirSync(folder).map(
  (file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8')) as Case] as const,
);

describe('a machine writes its events in order', () => {
  test.each(cases)('%s', async (_, input) => {
    const clock = new VirtualClock(0);
    const left = new Map(Object.entries(input.tasks ?? {}).map(([state, tries]) => [state, [...tries]]));
    const resources = timed(clock, ({ stateName }) => left.get(stateName)?.shift() ?? { seconds: 0 });
    const result = await run(input.machine, input.input, { clock, resources });
    const events = result.events.map(({ previousEventId, type, details: { name, index } }) => [
      previousEventId,
      type,
      ...[index ?? name].filter((said) => said !== undefined),
    ]);
    expect({ status: result.status, seconds: result.seconds, events }).toStrictEqual({
      status: input.status,
      seconds: input.seconds,
      events: input.events,
    });
  });
});
