/** One random story of schedulers that come and go. */
import type { DagNode } from '../../../lib/model/dag.ts';
import type { ScheduleNode } from '../../../lib/model/schedule.ts';
import { registerDags } from '../../../lib/orchestrator/register.ts';
import { versionOf } from '../rig.ts';
import { Actor } from './actor.ts';
import { faultsOf, freely, intervalsOf, type Looked, recover } from './check.ts';
import { Place, type PlaceOptions } from './place.ts';
import { anyWork, MINUTE, START_MS } from './work.ts';

/** Number of operations that are begun in a story. */
const OPERATIONS = 7;
/** At most so many processes are at work at once. */
const AT_ONCE = 3;
const KILLED = 0.05;

/** Where a story takes place. @default in memory */
export type Stores = Pick<PlaceOptions, 'store' | 'gated'>;

/** Runs the story of a seed. Gives what was wrong: nothing, if all is well. */
export async function story(seed: number, stores: Stores = {}): Promise<readonly string[]> {
  const dags = dagsOf(seed);
  const place = await placeOf(seed, dags, stores);
  const looked = await act(place, dags);
  await recover(place, dags);
  return faultsOf(place, dags, looked);
}

/** A place where DAGs are registered. */
export async function placeOf(seed: number, dags: readonly DagNode[], stores: Stores = {}): Promise<Place> {
  const limits = new Map(dags.map((dag) => [dag.id, dag.maxActiveRuns]));
  const place = new Place(seed, { startMs: START_MS, limits, ...stores });
  await registerDags(
    place.world(freely),
    dags.map((dag) => versionOf(dag.id, dag.schedule, dag)),
  );
  return place;
}

/** One or two DAGs, as different as the seed makes them. */
function dagsOf(seed: number): readonly DagNode[] {
  const dags = seed % 3 === 0 ? ['one', 'two'] : ['one'];
  return dags.map((id, index) => {
    const kind = (seed >> index) % 8;
    const schedule: ScheduleNode = {
      kind: 'every',
      period: '1m',
      interval: kind % 4 === 3 ? 'trigger' : 'data',
    };
    const { dag } = versionOf(id, schedule);
    const tasks = dag.tasks.map((task) => (kind === 5 ? { ...task, dependsOnPast: true } : task));
    return { ...dag, tasks, catchup: kind % 2 === 1, maxActiveRuns: 1 + ((seed >> 3) % 2) };
  });
}

async function act(place: Place, dags: readonly DagNode[]): Promise<Looked> {
  const looked = new Map(dags.map(({ id }) => [id, new Set<string>()]));
  const going: Operation[] = [];
  for (let begun = 0; begun < OPERATIONS || going.length > 0; ) {
    if (begun < OPERATIONS && isNextDue(place, going)) {
      begun++;
      going.push(await begin(operation(place, dags, looked)));
    }
    const at = Math.floor(place.random() * going.length);
    const chosen = going[at];
    if (chosen !== undefined && !(await goesOn(place, chosen))) going.splice(at, 1);
  }
  return looked;
}

function isNextDue({ random }: Place, { length }: readonly Operation[]): boolean {
  return length === 0 || (length < AT_ONCE && random() < 0.15);
}

async function begin(operation: Operation): Promise<Operation> {
  await operation.actor.begin(operation.work);
  return operation;
}

/** Lets a process do its next step, or kills it. False where it does nothing more. */
async function goesOn(place: Place, { actor, done }: Operation): Promise<boolean> {
  if (actor.state === 'parked' && place.random() < KILLED) return false;
  if (actor.state === 'parked') await actor.step();
  if (actor.state === 'failed') place.broken.push(`${actor.name}: ${String(actor.error)}`);
  if (actor.state === 'done') done();
  return actor.state === 'parked';
}

interface Operation {
  readonly actor: Actor;
  readonly work: () => Promise<unknown>;
  readonly done: () => void;
}

function operation(place: Place, dags: readonly DagNode[], looked: Map<string, Set<string>>): Operation {
  const { random } = place;
  const dag = dags[Math.floor(random() * dags.length)] ?? dags[0];
  const dagId = dag?.id ?? '';
  if (random() < 0.35) place.nowMs += Math.floor(random() * 3) * MINUTE;
  const { name, work } = anyWork(place, dagId, place.seed % 4 === 2);
  const actor = new Actor(name);
  const world = place.world(actor.gate);
  const atMs = place.nowMs;
  // What is looked at between a pause and the end of it may have no run.
  if (name === 'pause') looked.delete(dagId);
  const done = () => {
    if (name === 'tick' && dag !== undefined && place.nowMs === atMs)
      for (const date of intervalsOf(dag, atMs).slice(-1)) looked.get(dagId)?.add(date);
  };
  return { actor, work: () => work(world), done };
}
