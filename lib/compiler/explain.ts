/** A compiled DAG read aloud: what every state stands for. */
import type { Branch, State, StateMachine } from '../asl/states.ts';
import type { Manifest, ManifestState } from '../model/manifest.ts';
import { followers, lastFirst } from './bounds/flow.ts';
import { RULES, SENTENCES } from './sentences.ts';
import { branchesOf } from './split/variables.ts';

export interface Explained {
  /** Key of the nested machine it is in; `''`: the run's own. */
  readonly machine: string;
  /** How many Parallels and Maps it is inside of. */
  readonly depth: number;
  readonly state: string;
  readonly type: State['Type'];
  /** The task or module it serves, where it serves one. */
  readonly task?: string;
  readonly says: string;
}

/** What is explained. */
export interface Explainable {
  readonly definition: StateMachine;
  readonly parts?: Readonly<Record<string, StateMachine>>;
  readonly manifest: Manifest;
}

/** Every state, in an order in which the run comes by. Pure. */
export function explain({ definition, parts = {}, manifest }: Explainable): readonly Explained[] {
  const units = new Map<string, Unit>(
    [...(manifest.modules ?? []), ...manifest.tasks].map((unit) => [unit.id, unit]),
  );
  const line = (branch: Branch, machine: string, depth: number): readonly Explained[] =>
    lastFirst(branch, followers)
      .toReversed()
      .flatMap((name) => {
        const state = branch.States[name];
        if (state === undefined) return [];
        const known = manifest.states[name] ?? { role: '' };
        const task = known.task ?? known.module ?? ownerOf(name, units);
        const one: Explained = {
          machine,
          depth,
          state: name,
          type: state.Type,
          ...(task === undefined ? {} : { task }),
          says: saying(name, { state, known, unit: units.get(task ?? '') }),
        };
        return [one, ...branchesOf(state).flatMap((inner) => line(inner, machine, depth + 1))];
      });
  return [
    ...line(definition, '', 0),
    ...Object.entries(parts).flatMap(([part, machine]) => line(machine, part, 0)),
  ];
}

type Unit = Pick<Manifest['tasks'][number], 'id' | 'kind' | 'upstream' | 'triggerRule'>;

/** Whose a state is by its name, `load · gate`. */
function ownerOf(name: string, units: ReadonlyMap<string, Unit>): string | undefined {
  const owner = name.slice(0, name.lastIndexOf(' · '));
  return units.has(owner) ? owner : undefined;
}

interface Spoken {
  readonly state: State;
  readonly known: ManifestState;
  readonly unit: Unit | undefined;
}

function saying(name: string, { state, known, unit }: Spoken): string {
  const { role } = known;
  // States inside the Map that wakes or sets latches have the Map's role; their names tell which they are.
  const inner = role === 'wake' ? SENTENCES[name.split(' · ')[0] ?? ''] : undefined;
  const says = inner ?? sentenceOf(role, state.Type) ?? '';
  if (unit === undefined) return says;
  if (role === 'task') return `${unit.kind}: ${ruleOf(unit)}. ${says}`;
  return role === 'gate' ? `${says} ${unit.id} ${ruleOf(unit)}.` : says;
}

function ruleOf({ upstream, triggerRule }: Unit): string {
  return upstream.length === 0 ? 'runs at once' : RULES[triggerRule];
}

/** The sentence of a role; `undefined`: it has none. */
export function sentenceOf(role: string, type: State['Type']): string | undefined {
  // A Map sets latches, a Task gives places of a pool back.
  if (role === 'release') return SENTENCES[type === 'Map' ? 'release latches' : 'release places'];
  return SENTENCES[role] ?? SENTENCES[role.split(' ')[0] ?? ''];
}
