/** What a compiled DAG asks for and Step Functions does not give. */
import { MAX_DEFINITION_BYTES, MAX_HISTORY_EVENTS, MAX_PAYLOAD_BYTES } from '../../asl/limits.ts';
import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import type { Bounds, MachineSize } from './bounds.ts';
import { type Looks, mostLooks } from './looks.ts';
import type { History } from './meter.ts';

/** Errors for what cannot work at all, warnings for what may stop working. */
export function boundProblems(dag: DagNode, bounds: Bounds): readonly Problem[] {
  return [
    ...bounds.machines.flatMap((machine) => bytesProblem(dag, machine)),
    ...bounds.histories.flatMap((history) => historyProblem(dag, history)),
    ...codesProblem(dag, bounds),
  ];
}

function bytesProblem(dag: DagNode, { name, bytes }: MachineSize): readonly Problem[] {
  if (bytes <= MAX_DEFINITION_BYTES) return [];
  return [
    {
      ...placed(dag, 'definition-too-large'),
      message: `${machineText(name)} must have at most ${number(MAX_DEFINITION_BYTES)} bytes, got ${number(bytes)}`,
      remedy: 'write less into the tasks: long texts and lists belong into files, which tasks read',
    },
  ];
}

function historyProblem(dag: DagNode, { name, expected, worst }: History): readonly Problem[] {
  if (worst <= MAX_HISTORY_EVENTS) return [];
  const certain = expected > MAX_HISTORY_EVENTS;
  const [first] = mostLooks(dag);
  return [
    {
      ...placed(dag, 'history-too-long'),
      severity: certain ? 'error' : 'warning',
      message: `${historyText(name)} must have at most ${number(MAX_HISTORY_EVENTS)} events, or it is ended there; got ${
        certain ? `${number(expected)} where all goes well` : `up to ${number(worst)}`
      }`,
      remedy: first === undefined || first.looks < MANY_LOOKS ? FEWER : lessOften(first),
      ...(first?.task.at === undefined || first.looks < MANY_LOOKS ? {} : { at: first.task.at }),
    },
  ];
}

/** From here on it is the looks that fill a history. */
const MANY_LOOKS = 1000;

const FEWER = 'bound what repeats: maxItems of maps, maxIterations of loops, attempts of retries, runTimeout';

function lessOften({ task, looks, everySec, timeoutSec }: Looks): string {
  const enough = Math.ceil(timeoutSec / (MAX_HISTORY_EVENTS / 5));
  return `"${task.id}" looks up to ${number(looks)} times: with exponential: true, or pokeEvery ${enough}s instead of ${everySec}s, it looks less often`;
}

function codesProblem(dag: DagNode, { payload }: Bounds): readonly Problem[] {
  if (payload.codes <= MAX_PAYLOAD_BYTES) return [];
  return [
    {
      ...placed(dag, 'state-data-too-large'),
      severity: 'warning',
      message: `the codes of failed and skipped tasks must take at most ${number(MAX_PAYLOAD_BYTES)} bytes, got ${number(payload.codes)} if none succeeds`,
      remedy: 'give the tasks shorter ids',
    },
  ];
}

function placed(dag: DagNode, code: string): Pick<Problem, 'code' | 'path' | 'at'> {
  return { code, path: `dag "${dag.id}"`, ...(dag.at === undefined ? {} : { at: dag.at }) };
}

function machineText(name: string): string {
  return name === '' ? 'the state machine' : `the nested state machine ${name}`;
}

function historyText(name: string): string {
  return name === '' ? 'the history of a run' : `the history of each execution of ${name}`;
}

function number(amount: number): string {
  return Number.isFinite(amount) ? amount.toLocaleString('en-US') : 'no end of';
}
