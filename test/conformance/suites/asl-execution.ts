import { join } from 'node:path';
import type { HistoryEvent } from '../../../lib/asl/events.ts';
import { compareTexts } from '../../../lib/base/compare.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { VirtualClock } from '../../../lib/base/virtual-clock.ts';
import { type ExecutionResult, execute } from '../../../lib/interpreter/execute.ts';
import { TaskTokens } from '../../../lib/interpreter/tokens.ts';
import { jsonFiles, readJson } from '../../reference/shared.ts';
import type { RecordedCase } from '../recorded-case.ts';
import { recordedResources } from '../recorded-resources.ts';
import { same } from '../same.ts';
import { runCases, type SuiteResult } from '../suite.ts';

type Expected = RecordedCase['expected'];

/** Machines recorded on AWS: how they ended, what they gave, their events and the states they passed. */
export async function suite(dir: string): Promise<SuiteResult | undefined> {
  const folder = join(dir, 'asl/execution');
  const cases = jsonFiles(folder).map((file) => readJson<RecordedCase>(join(folder, file)));
  const named = cases.map((input) => ({ name: input.name, input }));
  const causes: string[] = [];
  const result = await runCases('asl/execution', named, async (input) => {
    const { result: got, sent } = await run(input);
    const cause = wrongCause(input, got);
    if (cause !== undefined) causes.push(`${input.name}: ${cause}`);
    return sent ?? wrongEnd(input, got) ?? wrongHistory(input, got.events);
  });
  return result === undefined ? undefined : { ...result, reasons: [...(result.reasons ?? []), ...causes] };
}

async function run(input: RecordedCase): Promise<{ result: ExecutionResult; sent: string | undefined }> {
  const clock = new VirtualClock(Date.parse('2026-01-01T00:00:00Z'));
  const tokens = new TaskTokens();
  const recorded = recordedResources(input, { clock, tokens });
  const options = { clock, random: seededRandom(1), tokens, resources: recorded.handler };
  const result = await clock.drive(execute(input.definition, input.input, options));
  return { result, sent: recorded.problem() };
}

function wrongEnd({ expected }: RecordedCase, got: ExecutionResult): string | undefined {
  if (got.status !== expected.status) {
    return `expected ${expected.status}, got ${got.status} ${got.error ?? ''} ${got.cause ?? ''}`;
  }
  return expected.status === 'SUCCEEDED' ? wrongOutput(expected, got) : wrongError(expected, got);
}

function wrongOutput(expected: Expected, { output }: ExecutionResult): string | undefined {
  const isAlike = expected.nondeterministic === true && kind(expected.output) === kind(output);
  if (isAlike || same(expected.output, output, expected)) return undefined;
  return `expected output ${show(expected.output)}, got ${show(output)}`;
}

function wrongError(expected: Expected, { error = '' }: ExecutionResult): string | undefined {
  // AWS leaves the error out where the execution timed out.
  const wanted = expected.error ?? (expected.status === 'TIMED_OUT' ? 'States.Timeout' : '');
  return /^<.*>$/.test(wanted) || wanted === error ? undefined : `expected error ${wanted}, got ${error}`;
}

function wrongCause({ expected }: RecordedCase, { cause }: ExecutionResult): string | undefined {
  if (expected.cause === undefined || isCause(expected, expected.cause, cause ?? '')) return undefined;
  return `expected cause ${expected.causePattern ?? expected.cause}, got ${cause}`;
}

function isCause(expected: Expected, wanted: string, cause: string): boolean {
  if (expected.causePattern !== undefined) return new RegExp(expected.causePattern, 's').test(cause);
  if (expected.causeIsJson !== true) return wanted === cause;
  try {
    return same(JSON.parse(wanted), JSON.parse(cause), expected);
  } catch {
    return false;
  }
}

function wrongHistory({ expected }: RecordedCase, events: readonly HistoryEvent[]): string | undefined {
  const { historyEventTypes: wanted, historyOrder, states } = expected;
  const kept = withoutLost(events, wanted ?? []);
  const types = kept.map(({ type }) => type);
  const order = (list: readonly string[]) => (historyOrder === 'exact' ? list : [...list].sort(compareTexts));
  if (wanted !== undefined && show(order(wanted)) !== show(order(types))) {
    return `expected events ${show(wanted)}, got ${show(types)}`;
  }
  const passed = kept.filter(({ type }) => /State(?:Entered|Exited)$/.test(type)).map(passage);
  if (states === undefined) return undefined;
  const left = [...passed];
  for (const state of states) {
    const at = left.findIndex((candidate) => same(state, candidate, expected));
    if (at < 0 || (historyOrder === 'exact' && at > 0))
      return `expected ${show(state)}, got ${show(left[0])}`;
    left.splice(at, 1);
  }
  return left.length === 0 ? undefined : `not expected: ${show(left[0])}`;
}

/**
 * The recorder sorts what happens in a Parallel and loses the event before `ParallelStateExited` when it
 * does: the ids of the events it kept have a gap there.
 */
function withoutLost(events: readonly HistoryEvent[], wanted: readonly string[]): readonly HistoryEvent[] {
  const isLost = (event: HistoryEvent, index: number) =>
    /^ParallelState(?:Succeeded|Failed)$/.test(event.type) &&
    events[index + 1]?.type === 'ParallelStateExited' &&
    !wanted.includes(event.type);
  return events.filter((event, index) => !isLost(event, index));
}

function passage({ type, details }: HistoryEvent): unknown {
  const { name, input, output, assignedVariables } = details;
  const assigned = Object.entries(assignedVariables ?? {}).map(([key, text]) => [key, parsed(text)]);
  return {
    event: type,
    name,
    ...(input === undefined ? {} : { input: parsed(input) }),
    ...(output === undefined ? {} : { output: parsed(output) }),
    ...(assignedVariables === undefined ? {} : { assigned: Object.fromEntries(assigned) }),
  };
}

function parsed(text: unknown): unknown {
  return JSON.parse(String(text));
}

function kind(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function show(value: unknown): string {
  return String(JSON.stringify(value));
}
