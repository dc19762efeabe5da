/**
 * Judges a definition before AWS does, and where AWS would not.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-state-machine-structure.html
 * @see https://states-language.net/spec.html
 */
import { isObject, type JsonObject } from '../base/json.ts';
import { type Container, containersOf, statePath } from './check/container.ts';
import type { Analysis } from './check/expression.ts';
import { type DefinitionFinding, Findings } from './check/finding.ts';
import { checkFlow } from './check/flow.ts';
import { type Read, readsOf } from './check/reads.ts';
import { checkState, typeOf } from './check/state.ts';
import { allow, number, oneOf, type Place, required, text } from './check/values.ts';
import { checkVariables } from './check/variables.ts';
import { MAX_DEFINITION_BYTES, MAX_SECONDS, MAX_STATE_NAME_LENGTH } from './limits.ts';

const MACHINE = new Set('Comment QueryLanguage StartAt TimeoutSeconds Version States'.split(' '));
const BRANCH = new Set('Comment StartAt States'.split(' '));
const PROCESSOR = new Set([...BRANCH, 'ProcessorConfig']);
const LANGUAGES = ['JSONPath', 'JSONata'];

/**
 * Everything wrong with a state machine's definition; `[]` for one that AWS takes and that reads
 * nothing that is not there. `machine` is the parsed JSON and is not changed.
 */
export function checkDefinition(machine: unknown): readonly DefinitionFinding[] {
  const findings = new Findings();
  if (!isObject(machine)) {
    findings.refuse('/', 'Definition must be a valid JSON object');
    return findings.all;
  }
  checkSize(machine, findings);
  const containers = containersOf(machine);
  const reads = new Map<string, readonly Read[]>();
  const names = new Map<string, string>();
  const cache = new Map<string, Analysis>();
  for (const container of containers) {
    checkContainer(container, isJsonata(machine, false), findings);
    for (const [name, object] of container.states) {
      const jsonata = isJsonata(object, isJsonata(machine, false));
      const place: Place = { object, path: statePath(container, name), jsonata, findings };
      checkName(place, name, names);
      checkLanguage(place, machine);
      const type = typeOf(place);
      if (type !== undefined) checkState(place, type);
      if (jsonata) reads.set(place.path, readsOf(object, place.path, findings, cache));
    }
    checkFlow(container, findings);
  }
  checkVariables(containers, reads, findings);
  return findings.all;
}

function checkSize(machine: JsonObject, findings: Findings): void {
  const bytes = Buffer.byteLength(JSON.stringify(machine));
  if (bytes > MAX_DEFINITION_BYTES)
    findings.refuse(
      '/',
      `Definition must have at most ${MAX_DEFINITION_BYTES} bytes, got ${bytes}`,
      'DEFINITION_TOO_LARGE',
    );
}

function checkContainer(container: Container, jsonata: boolean, findings: Findings): void {
  const place: Place = { object: container.object, path: container.path, jsonata, findings };
  required(place, 'States', 'StartAt');
  text(place, 'StartAt');
  const states = container.object['States'];
  if (states !== undefined && !isObject(states))
    findings.refuse(`${container.path}/States`, 'Expected value of type [OBJECT]');
  if (isObject(states)) checkStates(container, states, findings);
  if (container.parent !== undefined) {
    allow(place, container.path.endsWith(']') ? BRANCH : PROCESSOR);
    return;
  }
  allow(place, MACHINE);
  oneOf(place, 'QueryLanguage', LANGUAGES);
  oneOf(place, 'Version', ['1.0']);
  number(place, 'TimeoutSeconds', { min: 0, max: MAX_SECONDS, constant: true });
}

function checkStates(container: Container, states: JsonObject, findings: Findings): void {
  if (Object.keys(states).length === 0) findings.refuse(`${container.path}/States`, 'Value cannot be empty');
  for (const [name, state] of Object.entries(states))
    if (!isObject(state)) findings.refuse(statePath(container, name), 'Expected value of type [OBJECT]');
}

/** JSONPath is only what says so exactly; anything else AWS reads as JSONata. */
function isJsonata(object: JsonObject, inherited: boolean): boolean {
  return object['QueryLanguage'] === undefined ? inherited : object['QueryLanguage'] !== 'JSONPath';
}

function checkLanguage(state: Place, machine: JsonObject): void {
  oneOf(state, 'QueryLanguage', LANGUAGES);
  if (state.object['QueryLanguage'] === 'JSONPath' && isJsonata(machine, false))
    state.findings.refuse(
      state.path,
      `'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine`,
    );
}

function checkName({ path, findings }: Place, name: string, names: Map<string, string>): void {
  if (name.length > MAX_STATE_NAME_LENGTH || name.trim() === '')
    findings.refuse(
      path,
      `State name must have 1 to ${MAX_STATE_NAME_LENGTH} characters, got ${name.length}`,
      'INVALID_STATE_NAME',
    );
  const first = names.get(name);
  if (first === undefined) names.set(name, path);
  else findings.refuse(path, `State name "${name}" is used already at ${first}`, 'DUPLICATE_STATE_NAME');
}
