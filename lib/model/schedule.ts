import type { Duration } from '../base/duration.ts';

/** When a DAG runs, as declared; nothing here computes a time. */
export type ScheduleNode =
  | { readonly kind: 'manual' }
  | {
      readonly kind: 'cron';
      /** 5 fields, AWS's `L W #` allowed; presets are expanded (`@daily` is `0 0 * * *`). */
      readonly expression: string;
      /** What the author wrote, where it was a preset. */
      readonly preset?: string;
      /** IANA zone. @default 'UTC' */
      readonly timezone: string;
      readonly dst?: DstPolicy;
      readonly jitter?: Duration;
      readonly interval: IntervalKind;
    }
  | {
      readonly kind: 'every';
      readonly period: Duration;
      readonly anchor?: string;
      readonly interval: IntervalKind;
    };

/** `data`: a run starts when its interval ends. `trigger`: zero-length interval, runs at the tick. */
export type IntervalKind = 'data' | 'trigger';

/** What happens to a tick in the hour a clock change removes or doubles (`semantics.md` 5). */
export interface DstPolicy {
  readonly gap?: 'skip' | 'after' | 'before';
  readonly overlap?: 'first' | 'second' | 'both';
}
