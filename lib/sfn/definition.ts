/** Definitions as they come in. */

import type { DefinitionFinding } from '../asl/check/finding.ts';
import { checkDefinition } from '../asl/check.ts';
import type { StateMachine } from '../asl/states.ts';
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { SfnError } from './errors.ts';
import { parsed } from './request.ts';

/**
 * A definition that this server runs.
 *
 * @throws {SfnError} `InvalidDefinition` with every mistake in it
 */
export function parseDefinition(source: string): StateMachine {
  const machine = parsed(source, (why) => invalid(`INVALID_JSON_DESCRIPTION: ${why}`));
  const refused = findingsIn(machine).filter(({ severity }) => severity === 'refused');
  if (isMachine(machine, refused)) return machine;
  throw invalid(refused.map(findingText).join(', '));
}

/** What the check lets through has the language's shape. */
function isMachine(_machine: unknown, refused: readonly DefinitionFinding[]): _machine is StateMachine {
  return refused.length === 0;
}

/** Everything wrong with a definition, and every state in a language that is not spoken here. */
export function findingsIn(machine: Json): readonly DefinitionFinding[] {
  const findings = checkDefinition(machine);
  return findings.some(({ severity }) => severity === 'refused')
    ? findings
    : [...findings, ...jsonPathStates(machine, '', false)];
}

function findingText({ code, message, path }: DefinitionFinding): string {
  return `${code}: ${message} at ${path}`;
}

function invalid(why: string): SfnError {
  return new SfnError('InvalidDefinition', `Invalid State Machine Definition: '${why}'`);
}

/** States that say, or inherit, JSONPath. */
function jsonPathStates(container: Json, path: string, isJsonata: boolean): readonly DefinitionFinding[] {
  if (!isObject(container)) return [];
  const inherited = container['QueryLanguage'] === undefined ? isJsonata : says(container);
  const states = container['States'];
  if (!isObject(states)) return [];
  return Object.entries(states).flatMap(([name, state]) => {
    if (!isObject(state)) return [];
    const at = `${path}/States/${name}`;
    const speaks = state['QueryLanguage'] === undefined ? inherited : says(state);
    return [...(speaks ? [] : [jsonPath(at)]), ...inner(state, at, inherited)];
  });
}

function inner(state: JsonObject, at: string, isJsonata: boolean): readonly DefinitionFinding[] {
  const branches = Array.isArray(state['Branches']) ? state['Branches'] : [];
  return [
    ...branches.flatMap((branch: Json, index) =>
      jsonPathStates(branch, `${at}/Branches[${index}]`, isJsonata),
    ),
    ...jsonPathStates(state['ItemProcessor'] ?? null, `${at}/ItemProcessor`, isJsonata),
  ];
}

function says(container: JsonObject): boolean {
  return container['QueryLanguage'] === 'JSONata';
}

function jsonPath(path: string): DefinitionFinding {
  return {
    code: 'SCHEMA_VALIDATION_FAILED',
    path,
    message: `tutti sfn runs JSONata only, and this state is read as JSONPath: set "QueryLanguage": "JSONata" in the state machine or the state`,
    severity: 'refused',
  };
}
