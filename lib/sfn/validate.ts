import type { DefinitionFinding } from '../asl/check/finding.ts';
import type { JsonObject } from '../base/json.ts';
import { findingsIn } from './definition.ts';
import { SfnError } from './errors.ts';
import type { MachineType } from './machine.ts';
import { count, parsed, text, word } from './request.ts';

const MAX_DIAGNOSTICS = 100;

interface Diagnostic extends JsonObject {
  readonly severity: 'ERROR' | 'WARNING';
}

/**
 * What is wrong with a definition. What AWS takes and an execution cannot is a warning.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
 */
export function validate(input: JsonObject): JsonObject {
  const type = word(input, 'type', ['STANDARD', 'EXPRESS']) ?? 'STANDARD';
  const least = word(input, 'severity', ['ERROR', 'WARNING']) ?? 'ERROR';
  const most = count(input, 'maxResults', MAX_DIAGNOSTICS) || MAX_DIAGNOSTICS;
  const all = diagnosticsOf(text(input, 'definition'), type);
  const shown = all.filter(({ severity }) => severity === 'ERROR' || least === 'WARNING');
  return {
    result: all.some(({ severity }) => severity === 'ERROR') ? 'FAIL' : 'OK',
    diagnostics: shown.slice(0, most),
    truncated: shown.length > most,
  };
}

function diagnosticsOf(definition: string, type: MachineType): readonly Diagnostic[] {
  if (definition === '') {
    const message = 'Definition must be a valid JSON object';
    return [{ severity: 'ERROR', code: 'SCHEMA_VALIDATION_FAILED', message }];
  }
  try {
    return findingsIn(
      parsed(definition, (why) => new SfnError('NotJson', why)),
      type,
    ).map(diagnostic);
  } catch (thrown) {
    if (!(thrown instanceof SfnError)) throw thrown;
    return [{ severity: 'ERROR', code: 'INVALID_JSON_DESCRIPTION', message: thrown.message }];
  }
}

function diagnostic({ severity, code, message, path }: DefinitionFinding): Diagnostic {
  return { severity: severity === 'refused' ? 'ERROR' : 'WARNING', code, message, location: path };
}
