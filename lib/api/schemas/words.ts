/** Words and shapes that several replies share. */
import * as z from 'zod';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { lazy } from './lazy.ts';

export const json = () => z.custom<Json>(() => true).meta({ description: 'Any JSON.' });
export const jsonObject = () => z.custom<JsonObject>(isObject, 'must be an object').meta({ type: 'object' });

export const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();

/** An instant, ISO 8601, UTC. */
export const at = () =>
  z.string().meta({ description: 'ISO 8601, UTC.', examples: ['2026-08-22T02:00:00Z'] });

/** Of what follows; absent: nothing does. */
export const cursor = () =>
  z.string().optional().meta({ description: 'Gives what follows. Absent: nothing does.' });

/** Set where something was left out for its size. */
export const wasCut = () =>
  z.literal(true).optional().meta({ description: 'Something was left out for its size.' });

export const RUN_STATES = ['queued', 'running', 'success', 'failed', 'cancelled'] as const;
export const RUN_TYPES = ['scheduled', 'backfill', 'manual', 'triggered'] as const;

export const interval = lazy(() =>
  z.strictObject({ start: at(), end: at(), date: z.string() }).meta({
    id: 'Interval',
    description: '`[start, end)`; `date` is the day of its start in the zone of the schedule.',
  }),
);

export const blocker = lazy(() =>
  z
    .strictObject({ code: z.string(), text: z.string() })
    .meta({ id: 'Blocker', description: 'What holds a run back.' }),
);

/** A page of some items. */
export const page = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: list(item), cursor: cursor(), cut: wasCut() });
