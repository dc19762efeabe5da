import type { ChoiceState } from '../../asl/states.ts';
import { Failure } from '../failure.ts';
import { typedTemplate } from '../template.ts';
import { dataFlow, type Runner, type Step, type Visit } from '../visit.ts';

/**
 * A state that branches. `Assign` and `Output` are those of the rule that holds; the state's own ones
 * belong to `Default`.
 *
 * @see https://states-language.net/spec.html#choice-state
 */
export function choice(state: ChoiceState): Runner {
  const rules = state.Choices.map((rule, index) => ({
    holds: typedTemplate(rule.Condition, `Choices[${index}]/Condition`, 'boolean'),
    flow: dataFlow(rule, `Choices[${index}]/`),
    next: rule.Next,
  }));
  const flow = dataFlow(state);
  const otherwise = (visit: Visit): Step | Promise<Step> => {
    if (state.Default !== undefined) return visit.exit(flow, { next: state.Default, fallback: visit.input });
    const text = 'Failed to transition out of the state. The state does not point to a next state.';
    throw new Failure('States.NoChoiceMatched', { text: visit.cause(text) });
  };
  /** Asks the rules from one on; later, when an answer takes time. */
  const decide = (visit: Visit, from: number): Step | Promise<Step> => {
    const scope = visit.scope();
    for (const [index, rule] of rules.entries()) {
      if (index < from) continue;
      const take = (holds: unknown) =>
        holds === true ? visit.exit(rule.flow, { next: rule.next, fallback: visit.input }) : undefined;
      const holds = rule.holds(scope);
      if (holds instanceof Promise) return holds.then((answer) => take(answer) ?? decide(visit, index + 1));
      const step = take(holds);
      if (step !== undefined) return step;
    }
    return otherwise(visit);
  };
  return (visit) => decide(visit, 0);
}
