/** Whether rights allow a call, by IAM's rules as far as rights of this project use them. */
import type { Permission } from '../../../lib/engines/permission.ts';

/** As IAM sees it. */
export interface AskedCall {
  /** `states:TestState` */
  readonly action: string;
  /** An ARN; `*` where the action has no resources. */
  readonly resource: string;
  /** Values of condition keys: `{ 'iam:PassedToService': 'states.amazonaws.com' }`. */
  readonly context?: Readonly<Record<string, string>>;
}

export function isAllowed(rights: readonly Permission[], call: AskedCall): boolean {
  return rights.some(
    (right) =>
      right.actions.includes(call.action) &&
      right.resources.some((pattern) => isLike(call.resource, pattern)) &&
      areMet(right, call.context ?? {}),
  );
}

function isLike(resource: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^$()|[\]{}\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(resource);
}

/** Of `StringEquals`; with another operator it counts as unmet, so that nobody relies on what is not looked at. */
function areMet({ conditions = {} }: Permission, context: Readonly<Record<string, string>>): boolean {
  return Object.entries(conditions).every(
    ([operator, keys]) =>
      operator === 'StringEquals' &&
      Object.entries(keys).every(([key, values]) => [values].flat().includes(context[key] ?? '')),
  );
}
