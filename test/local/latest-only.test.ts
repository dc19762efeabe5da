import { expect, test } from 'vitest';
import { seededRandom } from '../../lib/base/random.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { compile } from '../../lib/compiler/compile.ts';
import { Projector } from '../../lib/history/project.ts';
import { dag, fn } from '../../lib/index.ts';
import { TaskTokens } from '../../lib/interpreter/tokens.ts';
import { executeParts } from '../../lib/local/execute-parts.ts';
import { simulatedInput } from '../../lib/local/simulated-input.ts';
import { simulatedWorld } from '../../lib/local/simulated-world.ts';

const compiled = compile(
  dag('d', {}, ({ latestOnly, task }) => {
    const first = task(
      'first',
      fn(() => undefined),
    );
    const newest = latestOnly('newest', { after: first });
    const below = task(
      'below',
      fn(() => undefined),
      { after: newest },
    );
    task(
      'last',
      fn(() => undefined),
      { after: below, triggerRule: 'all_done' },
    );
  }),
);

/** States at the end of a run that starts at midnight and whose first task takes a second. */
async function statesOf(supersededAt?: string): Promise<Readonly<Record<string, string>>> {
  const clock = new VirtualClock(Date.UTC(2026, 0, 2));
  const tokens = new TaskTokens();
  const given = simulatedInput(compiled.manifest, [], {});
  const input = { ...given, run: { ...given.run, ...(supersededAt === undefined ? {} : { supersededAt }) } };
  const projector = new Projector(compiled.manifest);
  const resources = simulatedWorld({
    input,
    script: {},
    tokens,
    clock,
    onTry: undefined,
    records: undefined,
  });
  await clock.drive(
    executeParts(compiled, input, {
      clock,
      random: seededRandom(1),
      tokens,
      resources,
      onEvent: (event) => projector.apply(event),
      onChildEvent: () => undefined,
    }),
  );
  return Object.fromEntries(projector.tasks().map(({ id, state }) => [id, state]));
}

test('goes on until a newer interval has ended, then skips what is directly below', async () => {
  const goesOn = { first: 'success', newest: 'success', below: 'success', last: 'success' };
  const skips = { ...goesOn, below: 'skipped' };
  expect(await statesOf('2026-01-03T00:00:00Z')).toEqual(goesOn);
  // The task is entered at 00:00:01.
  expect(await statesOf('2026-01-02T00:00:02Z')).toEqual(goesOn);
  expect(await statesOf('2026-01-02T00:00:01Z')).toEqual(skips);
  expect(await statesOf('2026-01-01T00:00:00Z')).toEqual(skips);
});

test('a run of no interval always goes on', async () => {
  expect((await statesOf())['below']).toBe('success');
});
