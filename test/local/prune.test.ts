import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importRuns } from '../../lib/local/import-runs.ts';
import { pruneHere } from '../../lib/local/prune.ts';
import { runDag } from '../../lib/local/run.ts';
import { openLocalWorld } from '../../lib/local/world.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import type { Run } from '../../lib/model/run.ts';
import { clearRuns } from '../../lib/orchestrator/clear.ts';
import type { World } from '../../lib/orchestrator/ports.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { trigger } from '../../lib/orchestrator/trigger.ts';
import { memoryStore } from '../../lib/store/memory.ts';
import type { Store } from '../../lib/store/store.ts';
import { output, temporaryFolder, testDag } from './dag.ts';
import { versionOf } from './launched.ts';

const ACTOR = { name: 'ada', via: 'cli' } as const;

/** Gives more than the machine can carry, so that it is kept in a file. */
const dag = testDag({
  a: { body: () => ({ text: 'x'.repeat(300_000) }) },
  b: { inputs: { text: output('a', 'text') }, body: () => undefined },
});

async function worldOf(root: string, store: Store = memoryStore(), of: DagNode = dag) {
  const world = await openLocalWorld({ root, store, codeOf: () => of });
  await registerDags(world, [versionOf(of)]);
  return world;
}

type LocalWorld = Awaited<ReturnType<typeof worldOf>>;

/** A run that has ended, with as many attempts. */
async function ran(world: LocalWorld, attempts = 1): Promise<Run> {
  const { run } = await trigger(world, ACTOR, { dagId: dag.id, now: true });
  await world.launcher.idle();
  for (let attempt = 2; attempt <= attempts; attempt++) {
    await clearRuns(world, ACTOR, { dagId: dag.id, runs: { runId: run.id } });
    await world.launcher.idle();
  }
  const now = await world.store.runs.get({ dagId: dag.id, runId: run.id });
  if (now === undefined) throw new Error('it is gone');
  return now;
}

const inside = (root: string, folder: string) => {
  const path = join(root, '.tutti', folder);
  return existsSync(path) ? readdirSync(path).sort() : [];
};

const later = (world: World, days: number): World => ({
  ...world,
  clock: { ...world.clock, now: () => world.clock.now() + days * 86_400_000 },
});

const idsOf = async (world: World) => (await world.store.runs.list({})).items.map(({ id }) => id);

describe('what is removed', () => {
  test('leaves no folder of any of its attempts, and no output; the others keep theirs', async () => {
    const root = temporaryFolder();
    const world = await worldOf(root);
    const all = [await ran(world, 2), await ran(world)];
    const [kept] = all.toSorted((one, other) => (one.id < other.id ? 1 : -1));
    expect(inside(root, 'runs')).toHaveLength(3);
    expect(inside(root, 'outputs')).toHaveLength(3);
    const pruned = await pruneHere(world, { keep: 1 }, { root, actor: ACTOR });
    expect(pruned.runs).toHaveLength(1);
    expect(await idsOf(world)).toEqual([kept?.id]);
    const names = [...(kept?.executions ?? []), kept?.execution];
    expect(inside(root, 'runs')).toEqual(names);
    expect(inside(root, 'outputs')).toEqual(names);
    expect(inside(root, 'pruning')).toEqual([]);
    expect((await importRuns(world, root)).imported).toEqual([]);
  });

  test('is all there after a dry run', async () => {
    const root = temporaryFolder();
    const world = await worldOf(root);
    await ran(world);
    const before = inside(root, 'runs');
    const dry = await pruneHere(later(world, 3), { age: '2d' }, { root, actor: ACTOR, dryRun: true });
    expect(dry.runs).toHaveLength(1);
    expect([inside(root, 'runs'), inside(root, 'pruning')]).toEqual([before, []]);
    expect(await idsOf(world)).toHaveLength(1);
  });

  test('is finished by the next one where the process died in between, and is not imported', async () => {
    const root = temporaryFolder();
    const store = memoryStore();
    const world = await worldOf(root, store);
    const { execution = '' } = await ran(world, 2);
    const dies = { ...store, audit: { ...store.audit, append: () => Promise.reject(new Error('killed')) } };
    await expect(pruneHere({ ...world, store: dies }, { keep: 0 }, { root, actor: ACTOR })).rejects.toThrow(
      'killed',
    );
    expect(await idsOf(world)).toEqual([]);
    expect(inside(root, 'runs')).toHaveLength(2);
    const [name = ''] = inside(root, 'pruning');
    // One that is alive finishes it itself.
    await pruneHere(world, {}, { root, actor: ACTOR });
    expect(inside(root, 'runs')).toContain(execution);
    const file = join(root, '.tutti', 'pruning', name);
    const intent = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...intent, by: { pid: 999_999_999 } }));
    expect((await importRuns(world, root)).imported).toEqual([]);
    expect(['runs', 'outputs', 'pruning'].map((folder) => inside(root, folder))).toEqual([[], [], []]);
  });

  test('is finished by the next one, too, where it was told to stop', async () => {
    const root = temporaryFolder();
    const world = await worldOf(root);
    await ran(world);
    const options = { root, actor: ACTOR, signal: AbortSignal.abort() };
    expect((await pruneHere(world, { keep: 0 }, options)).runs).toHaveLength(1);
    expect([inside(root, 'runs').length, inside(root, 'pruning').length]).toEqual([1, 1]);
  });

  test('stays where it cannot be written down, and what is broken there holds up nothing', async () => {
    const root = temporaryFolder();
    const world = await worldOf(root);
    await ran(world);
    writeFileSync(join(root, '.tutti', 'pruning'), 'no folder');
    await expect(pruneHere(world, { keep: 0 }, { root, actor: ACTOR })).rejects.toThrow(
      /pruning: must be a folder that can be written, got .*; free some space or change its owner/,
    );
    expect([(await idsOf(world)).length, inside(root, 'runs').length]).toEqual([1, 1]);
    rmSync(join(root, '.tutti', 'pruning'));
    mkdirSync(join(root, '.tutti', 'pruning'));
    writeFileSync(join(root, '.tutti', 'pruning', 'x.json'), '{');
    expect((await pruneHere(world, { keep: 0 }, { root, actor: ACTOR })).runs).toHaveLength(1);
    expect([(await idsOf(world)).length, inside(root, 'runs').length]).toEqual([0, 0]);
  });

  test('keeps its folders where it was cleared before it went', async () => {
    const root = temporaryFolder();
    const store = memoryStore();
    const world = await worldOf(root, store);
    const run = await ran(world);
    const cleared: Store = {
      ...store,
      runs: {
        ...store.runs,
        prune: async (policy) => {
          const chosen = await store.runs.prune({ ...policy, dryRun: true });
          if (policy.dryRun === true) return chosen;
          await clearRuns(world, ACTOR, { dagId: dag.id, runs: { runId: run.id } });
          return store.runs.prune(policy);
        },
      },
    };
    const pruned = await pruneHere({ ...world, store: cleared }, { keep: 0 }, { root, actor: ACTOR });
    expect(pruned.runs).toEqual([]);
    await world.launcher.idle();
    expect(inside(root, 'runs')).toHaveLength(2);
    expect((await store.runs.get({ dagId: dag.id, runId: run.id }))?.state).toBe('success');
  });
});

describe('a folder that is of no run', () => {
  test('goes once it is older than the policy, unless it cannot be read or goes on', async () => {
    const root = temporaryFolder();
    const { id, folder } = await runDag(dag, { root });
    const copy = (name: string, over: object) => {
      const path = join(root, '.tutti', 'runs', `${id}-${name}`);
      mkdirSync(path);
      const record = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
      writeFileSync(join(path, 'run.json'), JSON.stringify({ ...record, id: `${id}-${name}`, ...over }));
    };
    copy('open', { state: 'running', endedAt: undefined });
    copy('lost', { state: 'running', endedAt: undefined, pid: 999_999_999 });
    mkdirSync(join(root, '.tutti', 'runs', `${id}-odd`));
    writeFileSync(join(root, '.tutti', 'runs', `${id}-odd`, 'run.json'), '{');
    mkdirSync(join(root, '.tutti', 'runs', `${id}-none`));
    writeFileSync(join(root, '.tutti', 'runs', `${id}-none`, 'run.json'), '{}');
    const world = await worldOf(root);
    const young = await pruneHere(world, { age: '2d' }, { root, actor: ACTOR });
    expect(young.orphans).toEqual([]);
    const in3Days = later(world, 3);
    const dry = await pruneHere(in3Days, { age: '2d' }, { root, actor: ACTOR, dryRun: true });
    expect(inside(root, 'runs')).toHaveLength(5);
    const pruned = await pruneHere(in3Days, { age: '2d' }, { root, actor: ACTOR });
    expect(pruned.orphans).toEqual([id, `${id}-lost`]);
    expect(dry).toEqual(pruned);
    expect(inside(root, 'runs')).toEqual([`${id}-none`, `${id}-odd`, `${id}-open`]);
    expect(inside(root, 'outputs')).toEqual([]);
  });

  test('never leads out of the folder of runs', async () => {
    const root = temporaryFolder();
    const world = await worldOf(root);
    await ran(world);
    const run = { dagId: dag.id, runId: 'gone' };
    mkdirSync(join(root, '.tutti', 'pruning'));
    writeFileSync(join(root, 'precious'), '');
    const leaving = [{ ...run, executions: ['', '.', '..', '../..', '../../precious', '/'] }];
    const file = join(root, '.tutti', 'pruning', 'x.json');
    writeFileSync(`${file}.new`, JSON.stringify({ by: { pid: 999_999_999 }, leaving }));
    renameSync(`${file}.new`, file);
    await importRuns(world, root);
    expect(inside(root, 'pruning')).toEqual([]);
    expect(inside(root, 'runs')).toHaveLength(1);
    expect(existsSync(join(root, 'precious'))).toBe(true);
  });
});
