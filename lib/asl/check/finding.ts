/** One mistake in a definition, in AWS's words where AWS's words are known. */
export interface DefinitionFinding {
  /**
   * AWS's diagnostic code where there is one, ours in the same spelling otherwise.
   *
   * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html
   */
  readonly code: FindingCode;
  /** As AWS writes it: `/States/Load/Catch[0]/Next`. */
  readonly path: string;
  readonly message: string;
  /** `refused`: CreateStateMachine says no. `fails-at-run-time`: it says yes, and an execution fails, hangs or loses data. */
  readonly severity: 'refused' | 'fails-at-run-time';
}

type FindingCode =
  | 'SCHEMA_VALIDATION_FAILED'
  | 'MISSING_TRANSITION_TARGET'
  | 'MISSING_END_STATE'
  | 'DUPLICATE_STATE_NAME'
  | 'INVALID_STATE_NAME'
  | 'DUPLICATE_LABEL_NAME'
  | 'INVALID_LABEL_NAME'
  | 'INVALID_RESOURCE'
  | 'DEFINITION_TOO_LARGE'
  | 'INVALID_JSONATA_EXPRESSION'
  | 'UNSUPPORTED_JSONATA_EXPRESSION'
  | 'INVALID_VARIABLE_NAME'
  | 'DUPLICATE_VARIABLE_NAME'
  | 'UNDEFINED_VARIABLE'
  | 'POSSIBLY_UNDEFINED_VARIABLE'
  | 'VARIABLE_OUT_OF_SCOPE'
  | 'UNKNOWN_FUNCTION'
  | 'NO_DEFAULT'
  | 'NO_TASK_TOKEN'
  | 'ENDLESS_LOOP';

/** Collects the findings of one definition. */
export class Findings {
  readonly all: DefinitionFinding[] = [];

  /** What CreateStateMachine refuses by its schema. */
  refuse(path: string, message: string, code: FindingCode = 'SCHEMA_VALIDATION_FAILED'): void {
    this.all.push({ code, path, message, severity: 'refused' });
  }

  /** What CreateStateMachine accepts and an execution cannot. */
  warn(path: string, message: string, code: FindingCode): void {
    this.all.push({ code, path, message, severity: 'fails-at-run-time' });
  }
}
