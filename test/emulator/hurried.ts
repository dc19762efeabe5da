/** A machine that waits a second where its author waits for minutes: an emulator's time is real. */
import type { State, StateMachine, States } from '../../lib/asl/states.ts';
import type { Compiled } from '../../lib/compiler/compile.ts';

/** The same machine, its retries and waits a second apart; nothing else is changed. */
export function hurried(compiled: Compiled): Compiled {
  const { definition, parts } = compiled;
  const hurriedParts = Object.entries(parts ?? {}).map(([part, machine]) => [part, hurriedMachine(machine)]);
  return {
    ...compiled,
    definition: hurriedMachine(definition),
    ...(parts === undefined ? {} : { parts: Object.fromEntries(hurriedParts) }),
  };
}

function hurriedMachine(machine: StateMachine): StateMachine {
  return { ...machine, States: hurriedStates(machine.States) };
}

function hurriedStates(states: States): States {
  return Object.fromEntries(Object.entries(states).map(([name, state]) => [name, hurriedState(state)]));
}

function hurriedState(state: State): State {
  if (state.Type === 'Wait' && typeof state.Seconds === 'number')
    return { ...state, Seconds: Math.min(state.Seconds, 1) };
  if (state.Type === 'Parallel') {
    const Branches = state.Branches.map((branch) => ({ ...branch, States: hurriedStates(branch.States) }));
    return { ...state, Branches };
  }
  if (state.Type === 'Map') {
    const { ItemProcessor } = state;
    return { ...state, ItemProcessor: { ...ItemProcessor, States: hurriedStates(ItemProcessor.States) } };
  }
  if (state.Type !== 'Task' || state.Retry === undefined) return state;
  const Retry = state.Retry.map((retrier) => ({ ...retrier, IntervalSeconds: 1, BackoffRate: 1 }));
  return { ...state, Retry };
}
