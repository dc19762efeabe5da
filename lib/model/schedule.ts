import type { Duration } from '../base/duration.ts';

/** When a DAG runs, as declared; nothing here computes a time. */
export type ScheduleNode =
  | { readonly kind: 'manual' }
  | {
      readonly kind: 'cron';
      /** 5 fields, AWS's `L W #` allowed, or AWS's 6; presets are expanded (`@daily` is `0 0 * * *`). */
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
      /** An instant that the ticks meet. `dag()` writes the DAG's start here. @default '1970-01-01T00:00:00Z' */
      readonly anchor?: string;
      readonly interval: IntervalKind;
    }
  | {
      readonly kind: 'dates';
      /** Days, which begin in the zone, and instants; ascending, each once. */
      readonly dates: readonly string[];
      /** IANA zone. */
      readonly timezone: string;
      readonly interval: IntervalKind;
    }
  | {
      /** Ticks of all of them, each instant once. */
      readonly kind: 'union';
      readonly of: readonly ScheduleNode[];
      /** That of all its schedules. */
      readonly interval: IntervalKind;
    }
  | {
      /** One tick. */
      readonly kind: 'once';
      /** The DAG's start, which `dag()` writes here. @default when the DAG is first registered */
      readonly at?: string;
      readonly interval: 'trigger';
    }
  | {
      /** A run when the one before has ended, for the time since that one's interval. It has no ticks: `due` knows the runs. */
      readonly kind: 'continuous';
      readonly interval: 'trigger';
    };

/** `data`: a run starts when its interval ends. `trigger`: zero-length interval, runs at the tick. */
export type IntervalKind = 'data' | 'trigger';

/** What happens to a tick in the hour a clock change removes or doubles (`semantics.md` 5). */
export interface DstPolicy {
  readonly gap?: 'skip' | 'after' | 'before';
  readonly overlap?: 'first' | 'second' | 'both';
}

/** Cron expressions with a name. */
export const PRESETS = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@quarterly': '0 0 1 */3 *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
} as const;
