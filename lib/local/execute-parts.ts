import type { StateMachine } from '../asl/states.ts';
import { type ExecuteOptions, type ExecutionResult, execute } from '../interpreter/execute.ts';
import { withNestedExecutions } from '../interpreter/nested.ts';
import type { RunInput } from '../model/run-input.ts';

/** A machine, and those that it starts by the ARNs of `run.machines`. */
export interface Machines {
  readonly definition: StateMachine;
  /** By part. @default none */
  readonly parts?: Readonly<Record<string, StateMachine>>;
}

/** Executes a machine with the machines it starts; `transitions` are those of all. Keeps no events. */
export async function executeParts(
  { definition, parts = {} }: Machines,
  input: RunInput,
  options: Omit<ExecuteOptions, 'keepEvents'>,
): Promise<ExecutionResult> {
  const byArn = new Map(Object.entries(input.run.machines ?? {}).map(([part, arn]) => [arn, parts[part]]));
  const { execution: _, stateMachine: _machine, signal: _signal, onEvent: _onEvent, ...shared } = options;
  let transitions = 0;
  const resources = withNestedExecutions({
    ...shared,
    machine: (arn) => byArn.get(arn),
    // An engine starts it.
    foreign: options.resources,
    onEnd: (nested) => {
      transitions += nested.transitions;
    },
  });
  const result = await execute(definition, input, { ...options, resources, keepEvents: false });
  return { ...result, transitions: transitions + result.transitions };
}
