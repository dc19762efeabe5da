import type { StateMachine, States } from '../../lib/asl/states.ts';
import type { Json } from '../../lib/base/json.ts';
import { seededRandom } from '../../lib/base/random.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { type ExecutionResult, execute } from '../../lib/interpreter/execute.ts';
import { medianSec, print } from './measure.ts';

/** The interpreter alone, with full history: nothing of a DAG. */
export async function interpreterBench(): Promise<void> {
  const states = 5000;
  const chain = chainOf(states);
  print('interpreter.transitions_per_s', states / (await medianSec(5, () => runs(chain, {}))), '1/s');
  print('map.5000_s', await medianSec(5, () => runs(mapOf('INLINE'), itemsOf(5000))), 's');
  print(
    'map.distributed_10000_s',
    await medianSec(3, () => runs(mapOf('DISTRIBUTED'), itemsOf(10_000))),
    's',
  );
}

/** @throws {Error} when the execution did not succeed: its time would mean nothing */
async function runs(machine: StateMachine, input: Json): Promise<ExecutionResult> {
  const clock = new VirtualClock(0);
  const work = execute(machine, input, { clock, random: seededRandom(1), resources: () => ({}) });
  const result = await clock.drive(work);
  if (result.status !== 'SUCCEEDED') throw new Error(`${result.status}: ${result.error}: ${result.cause}`);
  return result;
}

/** Pass, Task and Choice in turn, each with an expression: 5 events a Task, 2 the others, below 25,000. */
function chainOf(count: number): StateMachine {
  const nameOf = (index: number) => (index < count ? `s${index}` : 'end');
  const states: Record<string, States[string]> = { end: { Type: 'Succeed' } };
  for (let index = 0; index < count; index++) states[nameOf(index)] = stateOf(index, nameOf(index + 1));
  return { QueryLanguage: 'JSONata', StartAt: 's0', States: states };
}

function stateOf(index: number, Next: string): States[string] {
  if (index % 4 === 3)
    return { Type: 'Choice', Choices: [{ Condition: '{% $n < 0 %}', Next }], Default: Next };
  if (index % 4 === 2) {
    return {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { n: '{% $n %}' },
      Output: {},
      Next,
    };
  }
  return { Type: 'Pass', Assign: { n: `{% ${index} + 1 %}` }, Next };
}

function mapOf(Mode: 'INLINE' | 'DISTRIBUTED'): StateMachine {
  const processor = Mode === 'INLINE' ? { Mode } : { Mode, ExecutionType: 'STANDARD' as const };
  return {
    QueryLanguage: 'JSONata',
    StartAt: 'map',
    States: {
      map: {
        Type: 'Map',
        Items: '{% $states.input.items %}',
        ItemProcessor: {
          ProcessorConfig: processor,
          StartAt: 'pass',
          States: { pass: { Type: 'Pass', End: true } },
        },
        End: true,
      },
    },
  };
}

function itemsOf(count: number): Json {
  return { items: Array.from({ length: count }, (_, index) => index) };
}
