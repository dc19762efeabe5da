import { monotonicFactory } from 'ulid';
import { seededRandom } from '../../base/random.ts';
import type { VirtualClock } from '../../base/virtual-clock.ts';
import type { Message, World } from '../../orchestrator/ports.ts';
import { recordEnd, recordProgress } from '../../orchestrator/record.ts';
import { memoryStore } from '../../store/memory.ts';
import { VirtualLauncher, type VirtualLauncherOptions } from './virtual-launcher.ts';

/** A whole orchestrator in memory and in virtual time. */
export interface VirtualWorld extends World {
  readonly clock: VirtualClock;
  readonly launcher: VirtualLauncher;
  /** What people were told, in order. */
  readonly messages: readonly Message[];
}

export function virtualWorld(options: Omit<VirtualLauncherOptions, 'ledger' | 'recorded'>): VirtualWorld {
  const { clock, seed } = options;
  const messages: Message[] = [];
  const id = monotonicFactory(seededRandom(seed));
  const launcher = new VirtualLauncher({
    ...options,
    recorded: (run) => world.store.taskRuns.recorded(run),
    ledger: {
      progress: (key, projection) => recordProgress(world, key, projection),
      ended: (end) => recordEnd(world, end),
    },
  });
  const world: VirtualWorld = {
    store: memoryStore(),
    launcher,
    clock,
    messages,
    newId: () => id(clock.now()),
    notifier: {
      notify: async (message) => {
        messages.push(message);
      },
    },
  };
  return world;
}
