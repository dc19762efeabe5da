import type { EventType, HistoryEvent } from '../asl/events.ts';
import { MAX_HISTORY_EVENTS } from '../asl/limits.ts';
import type { Clock } from '../base/clock.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { FatalFailure } from './failure.ts';

/** One execution's events. */
export class History {
  readonly events: HistoryEvent[] = [];
  readonly #clock: Clock;
  readonly #keep: boolean;
  readonly #onEvent: ((event: HistoryEvent) => void) | undefined;
  #count = 0;

  constructor(
    clock: Clock,
    options: { keep: boolean; onEvent?: ((event: HistoryEvent) => void) | undefined },
  ) {
    this.#clock = clock;
    this.#keep = options.keep;
    this.#onEvent = options.onEvent;
  }

  /**
   * Writes an event, of now or of `atMs`; returns its id.
   *
   * @throws {FatalFailure} when only the place of the execution's last event is left
   */
  add(type: EventType, previousEventId: number, details: JsonObject, atMs?: number): number {
    if (this.isFull()) {
      throw new FatalFailure('States.Runtime', {
        text: `The execution reached the maximum number of history events (${MAX_HISTORY_EVENTS}).`,
      });
    }
    return this.#write(type, previousEventId, details, atMs);
  }

  /** Writes the execution's last event: there is always place for it. */
  end(type: EventType, previousEventId: number, details: JsonObject): void {
    this.#write(type, previousEventId, details);
  }

  /** True when only the execution's last event may come. */
  isFull(): boolean {
    return this.#count >= MAX_HISTORY_EVENTS - 1;
  }

  #write(type: EventType, previousEventId: number, details: JsonObject, atMs?: number): number {
    this.#count += 1;
    const id = this.#count;
    if (!this.#keep && this.#onEvent === undefined) return id;
    const timestampMs = atMs ?? this.#clock.now();
    const event: HistoryEvent = { id, previousEventId, timestampMs, type, details };
    if (this.#keep) this.events.push(event);
    this.#onEvent?.(event);
    return id;
  }
}

/** `{ error, cause }` without what there is not. */
export function errorDetails(error: string | undefined, cause: string | undefined): JsonObject {
  const details: Record<string, Json> = {};
  if (error !== undefined) details['error'] = error;
  if (cause !== undefined) details['cause'] = cause;
  return details;
}
