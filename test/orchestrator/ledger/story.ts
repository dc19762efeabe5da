/** One random story of schedulers that come and go, and what must be true at its end. */
import type { Random } from '../../../lib/base/random.ts';
import type { DagNode } from '../../../lib/model/dag.ts';
import { isFinal, keyOfRun } from '../../../lib/model/run.ts';
import type { ScheduleNode } from '../../../lib/model/schedule.ts';
import { auditLedger } from '../../../lib/orchestrator/audit.ts';
import { pauseDag, unpauseDag } from '../../../lib/orchestrator/pause.ts';
import type { World } from '../../../lib/orchestrator/ports.ts';
import { registerDags } from '../../../lib/orchestrator/register.ts';
import { sweep } from '../../../lib/orchestrator/sweep.ts';
import { tick, tickAll } from '../../../lib/orchestrator/tick.ts';
import { trigger } from '../../../lib/orchestrator/trigger.ts';
import { isoText } from '../../../lib/schedule/run-interval.ts';
import { PERSON, versionOf } from '../rig.ts';
import { Actor } from './actor.ts';
import { Place } from './place.ts';

const MINUTE = 60_000;
const START_MS = Date.UTC(2026, 0, 5, 12, 0, 30);

/** Number of operations that are begun in a story. */
const OPERATIONS = 7;
/** At most so many processes are at work at once. */
const AT_ONCE = 3;
const KILLED = 0.05;

const freely = () => Promise.resolve();

/** Runs the story of a seed. Gives what was wrong: nothing, if all is well. */
export async function story(seed: number): Promise<readonly string[]> {
  const dags = dagsOf(seed);
  const limits = new Map(dags.map((dag) => [dag.id, dag.maxActiveRuns]));
  const place = new Place(seed, { startMs: START_MS, limits });
  await registerDags(
    place.world(freely),
    dags.map((dag) => versionOf(dag.id, dag.schedule, dag)),
  );
  const looked = await act(place, dags);
  await recover(place, dags);
  return [...place.broken, ...(await faults(place, dags, looked))];
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

/** Newest intervals that somebody looked at to the end, by DAG: without catchup, these have runs. */
type Looked = Map<string, Set<string>>;

async function act(place: Place, dags: readonly DagNode[]): Promise<Looked> {
  const looked: Looked = new Map(dags.map(({ id }) => [id, new Set()]));
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

function operation(place: Place, dags: readonly DagNode[], looked: Looked): Operation {
  const { random } = place;
  const dag = dags[Math.floor(random() * dags.length)] ?? dags[0];
  const dagId = dag?.id ?? '';
  if (random() < 0.35) place.nowMs += Math.floor(random() * 3) * MINUTE;
  const { name, work } = chosen(place, dagId);
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

interface Work {
  readonly name: string;
  readonly work: (world: World) => Promise<unknown>;
}

function chosen(place: Place, dagId: string): Work {
  const { random } = place;
  const dice = random();
  if (dice < 0.4) return { name: 'tick', work: (world) => tick(world, dagId) };
  if (dice < 0.45) return { name: 'tick of all', work: tickAll };
  if (dice < 0.55) return { name: 'sweep', work: sweep };
  if (dice < 0.6) return { name: 'trigger', work: (world) => trigger(world, PERSON, { dagId, now: true }) };
  if (dice < 0.64) return { name: 'pause', work: (world) => pauseDag(world, PERSON, dagId) };
  if (dice < 0.7) return { name: 'unpause', work: (world) => unpauseDag(world, PERSON, dagId) };
  if (dice < 0.78) return { name: 'clear', work: (world) => clearOne(world, dagId, random) };
  return { name: 'end', work: (world) => endOne(place, world, dagId) };
}

/** What clearing a run does to the ledger. */
async function clearOne(world: World, dagId: string, random: Random): Promise<void> {
  const { items } = await world.store.runs.list({ dagId, states: ['success', 'failed'], limit: 10 });
  const run = items[Math.floor(random() * items.length)];
  if (run === undefined) return;
  const expected = { states: ['success', 'failed'], attempt: run.attempt } as const;
  const patch = { state: 'queued', attempt: run.attempt + 1, execution: undefined } as const;
  await world.store.runs.update(keyOfRun(run), expected, patch);
}

/** An execution ends, or is lost; its end is told once, again, or not at all. */
async function endOne(place: Place, world: World, dagId: string): Promise<void> {
  const all = [...place.executions.values()].filter(({ run }) => run.dagId === dagId);
  const execution = all[Math.floor(place.random() * all.length)];
  if (execution === undefined) return;
  const dice = place.random();
  if (execution.state === 'running') execution.state = dice < 0.1 ? 'lost' : 'ended';
  if (execution.state === 'lost' || dice < 0.2) return;
  await place.tellEnd(world, execution, dice < 0.4 ? 'failed' : 'success');
  if (dice > 0.9) await place.tellEnd(world, execution, 'success');
}

/** A scheduler that lives: it sweeps, and everything that runs ends, until nothing is open. */
export async function recover(place: Place, dags: readonly DagNode[]): Promise<void> {
  const world = place.world(freely);
  for (const { id } of dags) await unpauseDag(world, PERSON, id);
  for (let round = 0; round < 200; round++) {
    const { problems, ticks } = await sweep(world);
    place.broken.push(...problems, ...ticks.flatMap((each) => each.problems));
    const running = [...place.executions.values()].filter(({ state }) => state === 'running');
    for (const execution of running) {
      execution.state = 'ended';
      await place.tellEnd(world, execution, 'success');
    }
    for (const run of await place.store.runs
      .list({ states: ['failed'], limit: 1000 })
      .then((page) => page.items)) {
      // Whatever failed is run again, so that what depends on it goes on.
      await world.store.runs.update(
        keyOfRun(run),
        { states: ['failed'] },
        { state: 'queued', attempt: run.attempt + 1 },
      );
    }
    if ((await place.store.runs.open()).length === 0) return;
  }
  place.broken.push('after 200 sweeps some runs are still open');
}

async function faults(place: Place, dags: readonly DagNode[], looked: Looked): Promise<readonly string[]> {
  const found: string[] = [];
  for (const dag of dags) {
    const { items } = await place.store.runs.list({ dagId: dag.id, types: ['scheduled'], limit: 1000 });
    const dates = items.map(({ id }) => id);
    const known = intervalsOf(dag, place.nowMs);
    const wanted = dag.catchup ? known : [...(looked.get(dag.id) ?? []), ...known.slice(-1)];
    const range = { from: isoText(START_MS), to: isoText(place.nowMs) };
    const { problems } = await auditLedger(place.world(freely), dag.id, range);
    const told = [
      ...wanted.filter((date) => !dates.includes(date)).map((date) => `${date} has no run`),
      ...dates.filter((date) => !known.includes(date)).map((date) => `${date} is no interval of it`),
      ...items.filter(({ state }) => !isFinal(state)).map(({ id, state }) => `${id} is ${state}`),
      ...problems.map(({ text, code }) => `${code}: ${text}`),
    ];
    found.push(...told.map((text) => `${dag.id}: ${text}`));
  }
  for (const dag of dags) found.push(...(await placesTaken(place, dag)));
  const zombies = [...place.executions.values()].filter(({ state }) => state === 'running');
  return [...found, ...zombies.map(({ name }) => `${name} runs, and nobody knows of it`)];
}

/** Places that a crash left taken are free as soon as somebody needs them. */
async function placesTaken(place: Place, { id, maxActiveRuns }: DagNode): Promise<readonly string[]> {
  const world = place.world(freely);
  place.nowMs += MINUTE;
  const told: string[] = [];
  for (let made = 0; made < maxActiveRuns; made++) {
    const { run } = await trigger(world, PERSON, { dagId: id, now: true });
    if (run.state !== 'running')
      told.push(`${id}: with ${made} of ${maxActiveRuns} runs active, a further one is ${run.state}`);
  }
  for (const execution of place.running(id)) {
    execution.state = 'ended';
    await place.tellEnd(world, execution, 'success');
  }
  return told;
}

/** Logical dates of the intervals that have ended, worked out by hand: they are minutes. */
function intervalsOf({ schedule }: DagNode, nowMs: number): readonly string[] {
  const isTrigger = schedule.kind !== 'manual' && schedule.interval === 'trigger';
  // The first data interval is the one in which the DAG was registered; the first tick the one after that.
  const firstMs = isTrigger ? Math.ceil(START_MS / MINUTE) * MINUTE : Math.floor(START_MS / MINUTE) * MINUTE;
  const dates: string[] = [];
  for (let ms = firstMs; ms + (isTrigger ? 0 : MINUTE) <= nowMs; ms += MINUTE) dates.push(isoText(ms));
  return dates;
}
