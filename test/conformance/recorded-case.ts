import type { StateMachine } from '../../lib/asl/states.ts';
import type { Json } from '../../lib/base/json.ts';
import type { Placeholders } from './same.ts';

/** One file of `asl/execution`: what AWS did with a machine. */
export interface RecordedCase {
  readonly name: string;
  readonly definition: StateMachine;
  readonly input: Json;
  /** By state, in order: what each call was sent and gave. */
  readonly mocks?: Readonly<Record<string, readonly RecordedCall[]>>;
  readonly s3Objects?: readonly { readonly bucket: string; readonly key: string; readonly body: string }[];
  readonly expected: Placeholders & {
    readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
    readonly output?: Json;
    readonly nondeterministic?: boolean;
    readonly error?: string;
    readonly cause?: string;
    readonly causePattern?: string;
    readonly causeIsJson?: boolean;
    readonly historyEventTypes?: readonly string[];
    readonly historyOrder?: 'exact' | 'multiset';
    readonly states?: readonly Json[];
  };
}

export interface RecordedCall {
  readonly sentParameters?: Json;
  readonly return?: Json;
  readonly throw?: { readonly Error: string; readonly Cause?: string };
  /** The event that ended it. */
  readonly event?: string;
}
