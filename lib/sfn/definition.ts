/** Definitions as they come in. */
import { containersOf, statePath } from '../asl/check/container.ts';
import type { DefinitionFinding } from '../asl/check/finding.ts';
import { checkDefinition } from '../asl/check.ts';
import type { StateMachine } from '../asl/states.ts';
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { SfnError } from './errors.ts';
import type { MachineType } from './machine.ts';
import { parsed } from './request.ts';

/**
 * A definition that this server runs.
 *
 * @throws {SfnError} `InvalidDefinition` with every mistake in it
 */
export function parseDefinition(source: string, type: MachineType): StateMachine {
  const machine = parsed(source, (why) => invalid(`INVALID_JSON_DESCRIPTION: ${why}`));
  const mistakes = findingsIn(machine, type).filter(({ severity }) => severity === 'refused');
  if (isMachine(machine, mistakes)) return machine;
  throw invalid(mistakes.map(findingText).join(', '));
}

/** What the check lets through has the language's shape. */
function isMachine(_machine: unknown, mistakes: readonly DefinitionFinding[]): _machine is StateMachine {
  return mistakes.length === 0;
}

/** Everything wrong with a definition, with what its type cannot do, and with every state in a language not spoken here. */
export function findingsIn(machine: Json, type: MachineType): readonly DefinitionFinding[] {
  const findings = checkDefinition(machine);
  if (findings.some(({ severity }) => severity === 'refused') || !isObject(machine)) return findings;
  const states = containersOf(machine).flatMap((container) =>
    [...container.states].map(([name, state]) => ({ state, path: statePath(container, name) })),
  );
  const isJsonata = says(machine);
  return [
    ...findings,
    ...states.flatMap(({ state, path }) => [
      ...((state['QueryLanguage'] === undefined ? isJsonata : says(state)) ? [] : [refused(path, JSON_PATH)]),
      ...(type === 'EXPRESS' ? unsupportedByExpress(state, path) : []),
    ]),
  ];
}

const JSON_PATH =
  'tutti sfn runs JSONata only, and this state is read as JSONPath: set "QueryLanguage": "JSONata" in the state machine or the state';

/** Express executions are short, and nobody can answer them. */
function unsupportedByExpress(state: JsonObject, path: string): readonly DefinitionFinding[] {
  const resource = state['Type'] === 'Task' ? String(state['Resource']) : '';
  const [, pattern] = /(\.sync|\.waitForTaskToken)(?::\d+)?$/.exec(resource) ?? [];
  const at = `${path}/Resource`;
  if (/^arn:[^:]+:states:[^:]*:[^:]*:activity:/.test(resource))
    return [refused(at, 'Express state machine does not support Activity ARN')];
  if (pattern === undefined) return [];
  const space = pattern === '.waitForTaskToken' ? ' ' : '';
  return [refused(at, `Express state machine does not support '${pattern}' service integration${space}`)];
}

function refused(path: string, message: string): DefinitionFinding {
  return { code: 'SCHEMA_VALIDATION_FAILED', path, message, severity: 'refused' };
}

function findingText({ code, message, path }: DefinitionFinding): string {
  return `${code}: ${message} at ${path}`;
}

function invalid(why: string): SfnError {
  return new SfnError('InvalidDefinition', `Invalid State Machine Definition: '${why}'`);
}

function says(container: JsonObject): boolean {
  return container['QueryLanguage'] === 'JSONata';
}
