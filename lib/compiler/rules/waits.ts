import { MAX_RETRY_DELAY_SECONDS } from '../../asl/limits.ts';
import { toSeconds } from '../../base/duration.ts';
import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import { isRef } from '../../model/ref.ts';
import type { CallNode, PokeNode } from '../../model/task.ts';
import { isInstant } from '../instant.ts';
import { place, shown, taskPath } from './rule.ts';

interface Breach {
  readonly field: string;
  readonly message: string;
  readonly remedy: string;
}

/** A sensor looks at sane times, an instant is one, and an approval has answers. */
export function waits(dag: DagNode): readonly Problem[] {
  return dag.tasks.flatMap((task) =>
    breaches(task.call).map(({ field, message, remedy }) => ({
      code: 'waits',
      path: taskPath(dag, task, field),
      message,
      remedy,
      ...place(task),
    })),
  );
}

function breaches(call: CallNode): readonly Breach[] {
  if (call.kind === 'sensor') return ofPoke(call.poke);
  if (call.kind === 'approve') return ofChoices(call.choices, call.rejects);
  if (call.kind !== 'at' || isRef(call.instant) || isInstant(call.instant)) return [];
  const message = `must be an instant with its zone, ISO 8601, got ${shown(call.instant)}`;
  return [{ field: 'instant', message, remedy: "write '2026-08-22T06:00:00Z'" }];
}

function ofPoke({ pokeEvery, backoff, maxPokeEvery, timeout }: PokeNode): readonly Breach[] {
  const every = toSeconds(pokeEvery);
  const most = toSeconds(timeout);
  const found: Breach[] = [];
  const tell = (field: string, message: string, remedy: string) => found.push({ field, message, remedy });
  if (!isWait(every))
    tell('pokeEvery', `must be whole seconds from 1 s, got ${shown(pokeEvery)}`, "write '1m'");
  if (!isWait(most)) tell('timeout', `must be whole seconds from 1 s, got ${shown(timeout)}`, "write '12h'");
  else if (isWait(every) && most < every)
    tell(
      'timeout',
      `must be at least pokeEvery (${shown(pokeEvery)}), got ${shown(timeout)}: it would look once`,
      'look more often, or wait longer',
    );
  if (typeof backoff !== 'number' || !Number.isFinite(backoff) || backoff < 1)
    tell('backoff', `must be at least 1, got ${shown(backoff)}`, 'write 1, or 2 to double the waits');
  const longest = toSeconds(maxPokeEvery ?? pokeEvery);
  if (maxPokeEvery !== undefined && !(isWait(longest) && longest >= (every ?? 0)))
    tell(
      'maxPokeEvery',
      `must be whole seconds from pokeEvery (${shown(pokeEvery)}), got ${shown(maxPokeEvery)}`,
      'make it longer, or leave it out for no limit',
    );
  return found;
}

function isWait(seconds: number | undefined): seconds is number {
  return (
    seconds !== undefined && Number.isInteger(seconds) && seconds >= 1 && seconds <= MAX_RETRY_DELAY_SECONDS
  );
}

function ofChoices(choices: readonly string[], rejects: readonly string[]): readonly Breach[] {
  if (choices.length === 0)
    return [
      { field: 'choices', message: 'must be at least one, got none', remedy: "write ['approve', 'reject']" },
    ];
  const twice = choices.find((choice, index) => choice === '' || choices.indexOf(choice) !== index);
  const unknown = rejects.find((choice) => !choices.includes(choice));
  const found: Breach[] = [];
  if (twice !== undefined)
    found.push({
      field: 'choices',
      message: `must be different words, got ${shown(choices)}`,
      remedy: 'remove the one that is there twice, or empty',
    });
  if (unknown !== undefined)
    found.push({
      field: 'rejects',
      message: `must be choices, got "${unknown}" beside ${shown(choices)}`,
      remedy: 'add it to choices, or remove it here',
    });
  else if (choices.every((choice) => rejects.includes(choice)))
    found.push({
      field: 'rejects',
      message: 'must leave a choice that goes on, got all of them',
      remedy: 'remove one, or add a choice',
    });
  return found;
}
