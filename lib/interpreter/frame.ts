import type { EventType } from '../asl/events.ts';
import type { State } from '../asl/states.ts';
import type { JsonObject } from '../base/json.ts';
import type { Execution } from './execution.ts';
import { Aborted } from './failure.ts';
import { Variables } from './variables.ts';

/** The events AWS writes for states that are ended from outside. */
const ABORTED: Partial<Record<State['Type'], EventType>> = {
  Task: 'TaskStateAborted',
  Wait: 'WaitStateAborted',
  Parallel: 'ParallelStateAborted',
  Map: 'MapStateAborted',
};

/** The state a frame is in. */
interface ActiveState {
  readonly type: State['Type'];
  /** Its branches or iterations, while they run. */
  group?: Group | undefined;
}

/** One line of states: the machine's, a branch's or an iteration's, with its own variables. */
export class Frame {
  readonly execution: Execution;
  /** Id of the event the next one follows. 0 before the first. */
  cursor: number;
  readonly variables: Variables;
  /** `$states.context.Map`. */
  readonly map: JsonObject | undefined;
  active: ActiveState | undefined;
  /** Ends what the active state waits for. */
  cancel: (() => void) | undefined;
  isClosed: boolean = false;
  /** Of an execution of a distributed Map: writes its end where it is ended from outside. */
  onClose: (() => void) | undefined;

  constructor(execution: Execution, parent: Frame | undefined, map?: JsonObject) {
    this.execution = execution;
    this.cursor = parent?.cursor ?? 0;
    this.variables = new Variables(parent?.variables);
    this.map = map ?? parent?.map;
  }

  /**
   * Writes an event of this line, of now or of `atMs`, and moves on to it.
   *
   * @throws {Aborted} when the line was ended from outside
   */
  emit(type: EventType, details: JsonObject = {}, atMs?: number): number {
    if (this.isClosed) throw new Aborted();
    this.cursor = this.execution.history.add(type, this.cursor, details, atMs);
    return this.cursor;
  }

  /** Writes an event that the next one does not follow. */
  note(type: EventType, details: JsonObject = {}, previousEventId = this.cursor): number {
    if (this.isClosed) throw new Aborted();
    return this.execution.history.add(type, previousEventId, details);
  }

  /** Waits; throws {@link Aborted} when the line is ended meanwhile. */
  async until(instantMs: number): Promise<void> {
    const controller = new AbortController();
    this.cancel = () => controller.abort(new Aborted());
    await this.execution.clock.until(instantMs, controller.signal);
    this.cancel = undefined;
    if (this.isClosed) throw new Aborted();
  }
}

/** Lines that run side by side and end together when one of them fails. */
export class Group {
  readonly frames: Frame[] = [];
  /** Event of an aborted iteration, written before those of the states in it. */
  readonly #aborted: ((frame: Frame, previousEventId: number) => void) | undefined;
  readonly #done = new Set<Frame>();

  constructor(aborted?: (frame: Frame, previousEventId: number) => void) {
    this.#aborted = aborted;
  }

  /** Takes a line out: it has come to its end. */
  finished(frame: Frame): void {
    this.#done.add(frame);
  }

  /** Ends all lines, with an event for every state that was active when `previousEventId` is given. */
  close(previousEventId?: number, failed?: Frame): void {
    for (const frame of this.frames) {
      if (frame.isClosed || this.#done.has(frame)) continue;
      this.#closeFrame(frame, previousEventId, frame === failed);
    }
  }

  #closeFrame(frame: Frame, previousEventId: number | undefined, isFailed: boolean): void {
    frame.isClosed = true;
    const { active } = frame;
    const { history } = frame.execution;
    // Of an execution that is stopped only that is written.
    if (frame.onClose !== undefined) {
      active?.group?.close();
      frame.onClose();
      frame.cancel?.();
      return;
    }
    const isWritten = previousEventId !== undefined && !history.isFull();
    if (isWritten && !isFailed) this.#aborted?.(frame, previousEventId);
    active?.group?.close(previousEventId);
    const event = active === undefined ? undefined : ABORTED[active.type];
    if (isWritten && event !== undefined && !history.isFull()) history.add(event, previousEventId, {});
    frame.cancel?.();
    frame.cancel = undefined;
  }
}
