import type { Catcher, State } from '../asl/states.ts';

/** The state with other ways out: each leads where `lead` says. An end stays one. */
export function ledTo(state: State, lead: (name: string) => string): State {
  if (state.Type === 'Succeed' || state.Type === 'Fail') return state;
  if (state.Type === 'Choice') {
    const Choices = state.Choices.map((rule) => ({ ...rule, Next: lead(rule.Next) }));
    return { ...state, Choices, ...(state.Default === undefined ? {} : { Default: lead(state.Default) }) };
  }
  const catching = 'Catch' in state ? { Catch: (state.Catch ?? []).map(caughtTo(lead)) } : {};
  return { ...state, ...catching, ...(state.Next === undefined ? {} : { Next: lead(state.Next) }) };
}

function caughtTo(lead: (name: string) => string): (catcher: Catcher) => Catcher {
  return (catcher) => ({ ...catcher, Next: lead(catcher.Next) });
}
