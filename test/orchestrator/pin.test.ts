import { beforeEach, describe, expect, test } from 'vitest';
import { pinDag } from '../../lib/orchestrator/pin.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { trigger } from '../../lib/orchestrator/trigger.ts';
import { PERSON, type Rig, rig, versionOf } from './rig.ts';

const MANUAL = { kind: 'manual' } as const;
const OLD = versionOf('sales', MANUAL);
const NEW = versionOf('sales', MANUAL, { owner: 'data', tasks: OLD.dag.tasks.slice(0, 1) });

let world: Rig;

beforeEach(async () => {
  world = rig('2026-01-05T00:00:00Z');
  await registerDags(world, [OLD]);
  await registerDags(world, [NEW]);
});

function pin(version?: string, dryRun?: boolean) {
  return pinDag(world, PERSON, {
    dagId: 'sales',
    ...(version === undefined ? {} : { version }),
    ...(dryRun === undefined ? {} : { dryRun }),
  });
}

describe('going back to an older version', () => {
  test('runs that start from then on have it', async () => {
    expect(NEW.manifest.hash).not.toBe(OLD.manifest.hash);
    await pin(OLD.manifest.hash);
    await trigger(world, PERSON, { dagId: 'sales' });
    expect(world.starts.map(({ version }) => version.manifest.hash)).toEqual([OLD.manifest.hash]);
  });

  test('what was deployed comes back without a version, and with a deployment', async () => {
    await pin(OLD.manifest.hash);
    expect((await pin()).head).toMatchObject({ version: NEW.manifest.hash, owner: 'data' });
    expect((await world.store.dags.head('sales'))?.pinnedFrom).toBeUndefined();
    await pin(OLD.manifest.hash);
    await registerDags(world, [NEW]);
    const head = await world.store.dags.head('sales');
    expect(head).toMatchObject({ version: NEW.manifest.hash });
    expect(head?.pinnedFrom).toBeUndefined();
  });

  test('a dry run changes nothing', async () => {
    const { head, before } = await pin(OLD.manifest.hash, true);
    expect([before, head.version]).toEqual([NEW.manifest.hash, OLD.manifest.hash]);
    expect((await world.store.dags.head('sales'))?.version).toBe(NEW.manifest.hash);
  });

  test('it is in the audit log, once', async () => {
    await pin(OLD.manifest.hash);
    await pin(OLD.manifest.hash);
    const { items } = await world.store.audit.list({ action: 'pin' });
    expect(items.map(({ details }) => details)).toEqual([
      { version: OLD.manifest.hash, before: NEW.manifest.hash },
    ]);
  });

  test('a version that is not kept is refused with those there are', async () => {
    await expect(pin('nothing')).rejects.toThrow(
      `dag "sales" › version: must be one that its runs had, got "nothing"; its newest are ${NEW.manifest.hash}`,
    );
    await expect(pin()).rejects.toThrow('must be pinned');
  });

  test('the first characters of a version that runs had are enough', async () => {
    await pin(OLD.manifest.hash);
    await trigger(world, PERSON, { dagId: 'sales' });
    await pin();
    expect((await pin(OLD.manifest.hash.slice(0, 4))).head.version).toBe(OLD.manifest.hash);
  });
});
