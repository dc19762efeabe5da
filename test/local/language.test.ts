/** Maps, loops, group retries, pools and waits as an author writes them, run here by real handlers. */
import { expect, test } from 'vitest';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { dag, eq, fn, not, param, pool, sensor, text } from '../../lib/index.ts';
import { runDag } from '../../lib/local/run.ts';
import { temporaryFolder } from './dag.ts';

test('maps over outputs, params and constants give lists, one level for each map', async () => {
  const got: unknown[] = [];
  const declared = dag(
    'maps',
    { params: { regions: param.list({ items: param.string(), default: ['eu', 'us'] }) } },
    ({ task, group, params }) => {
      const list = task(
        'list',
        fn(() => ({ files: [{ path: 'a' }, { path: '"b' }] })),
      );
      const load = task.map(
        'load',
        list.output.files,
        (file, index) => fn({ file, index }, ({ file, index }) => `${index}${file.path}`),
        { label: (file) => text`file ${file.path}`, maxItems: 10 },
      );
      const each = group.map(
        'each',
        params.regions,
        ({ task, group }, region) => {
          const open = task(
            'open',
            fn({ region, load: load.output }, ({ region }) => region.toUpperCase()),
          );
          const days = group.map('days', [1, 2], ({ task }, day) => ({
            one: task(
              'one',
              fn({ day, open: open.output }, ({ day, open }) => `${open}${day}`),
            ),
          }));
          return { open, days };
        },
        { maxItems: 10 },
      );
      task(
        'all',
        fn(
          { load: load.output, open: each.tasks.open.output, last: each.tasks.days.tasks.one.output[1]?.[0] },
          (inputs) => void got.push(inputs),
        ),
      );
    },
  );
  const { state } = await runDag(declared, { root: temporaryFolder() });
  expect(state).toBe('success');
  expect(got).toEqual([{ load: ['0a', '1"b'], open: ['EU', 'US'], last: 'US1' }]);
});

test('a loop hands on what an iteration gave, also what it was given, and ends by what is outside', async () => {
  const got: unknown[] = [];
  const declared = dag('loops', {}, ({ task, loop }) => {
    const pages = task(
      'pages',
      fn(() => ({ first: 1, last: 3 })),
    );
    const walk = loop(
      'walk',
      {
        initial: { page: pages.output.first, name: 'n', seen: 0 },
        until: (out) => eq(out.page, pages.output.last),
        maxIterations: 5,
      },
      (previous, { task }) => {
        const turn = task(
          'turn',
          fn({ previous }, ({ previous }) => ({
            page: previous.page + 1,
            seen: previous.seen + previous.page,
          })),
        );
        return { page: turn.output.page, name: previous.name, seen: turn.output.seen };
      },
    );
    task(
      'end',
      fn({ walk: walk.output, page: walk.output.page }, (inputs) => void got.push(inputs)),
    );
  });
  const { state } = await runDag(declared, { root: temporaryFolder() });
  expect(state).toBe('success');
  expect(got).toEqual([{ walk: { page: 3, name: 'n', seen: 3 }, page: 3 }]);
});

test('a retried group around a loop gives what its last try gave', async () => {
  const got: unknown[] = [];
  let tries = 0;
  const declared = dag('retries', {}, ({ task, group }) => {
    const unit = group(
      'unit',
      ({ loop }) => {
        const turns = loop(
          'turns',
          { initial: { count: 0, more: true }, until: (out) => not(out.more), maxIterations: 3 },
          (previous, { task }) =>
            task(
              'turn',
              fn({ count: previous.count }, ({ count }) => {
                tries += 1;
                if (tries === 2) throw new Error('once');
                return { count: count + 1, more: count < 1 };
              }),
            ).output,
        );
        return { turns };
      },
      { retries: { attempts: 1, delay: '1s' } },
    );
    task(
      'end',
      fn({ count: unit.tasks.turns.output.count }, (inputs) => void got.push(inputs)),
    );
  });
  const clock = new VirtualClock(Date.UTC(2026, 7, 22));
  const { state } = await clock.drive(runDag(declared, { root: temporaryFolder(), clock }));
  expect([state, tries]).toEqual(['success', 4]);
  expect(got).toEqual([{ count: 2 }]);
});

test('a sensor looks until something is there, in its place of a pool', async () => {
  const got: unknown[] = [];
  let looks = 0;
  const places = pool('places', { slots: 1 });
  const declared = dag('waits', {}, ({ task }) => {
    const ready = task(
      'ready',
      sensor.fn(
        () => {
          looks += 1;
          return looks > 2 ? { looks } : undefined;
        },
        { pokeEvery: '1m' },
      ),
    );
    task(
      'use',
      fn({ looks: ready.output.looks }, (inputs) => void got.push(inputs)),
      { pool: places },
    );
  });
  const clock = new VirtualClock(Date.UTC(2026, 7, 22));
  const { state } = await clock.drive(runDag(declared, { root: temporaryFolder(), clock }));
  expect(state).toBe('success');
  expect(got).toEqual([{ looks: 3 }]);
});
