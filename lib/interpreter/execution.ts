import type { ChildExecution, HistoryEvent } from '../asl/events.ts';
import type { Branch } from '../asl/states.ts';
import type { Clock } from '../base/clock.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { Random } from '../base/random.ts';
import type { Frame } from './frame.ts';
import { History } from './history.ts';
import type { ResourceHandler } from './resource.ts';
import type { TaskTokens } from './tokens.ts';

/** What executions share. */
export interface World {
  readonly clock: Clock;
  readonly random: Random;
  readonly resources: ResourceHandler;
  readonly tokens: TaskTokens;
  /** Runs a line of states to its end; states with branches need it. */
  readonly runBranch: (branch: Branch, frame: Frame, input: Json) => Json | Promise<Json>;
  /** Called with every event of an execution's children. */
  readonly onChildEvent: ((event: HistoryEvent, execution: ChildExecution) => void) | undefined;
  /** States entered and tries made again, of all executions that belong together. */
  transitions: number;
}

/** One execution: the machine's, or a child of a distributed Map. */
export class Execution {
  readonly world: World;
  readonly clock: Clock;
  readonly history: History;
  /** `$states.context` without `State`, `Task` and `Map`. */
  readonly context: JsonObject;
  readonly id: string;

  constructor(world: World, history: History, identity: { id: string; context: JsonObject }) {
    this.world = world;
    this.clock = world.clock;
    this.history = history;
    this.context = identity.context;
    this.id = identity.id;
  }

  /** An execution of a distributed Map: its own history, nothing of its parent's variables. */
  child(name: string, input: Json, from: { readonly eventId: number; readonly index: number }): Execution {
    const { Execution: parent, StateMachine } = this.context;
    const id = `${this.id}/${name}`;
    const context = {
      Execution: { ...Object(parent), Id: id, Input: input, Name: name },
      StateMachine,
    };
    const { onChildEvent } = this.world;
    const child: ChildExecution = { id, parent: { execution: this.id, ...from } };
    const onEvent = onChildEvent && ((event: HistoryEvent) => onChildEvent(event, child));
    return new Execution(this.world, new History(this.clock, { keep: false, onEvent }), { id, context });
  }
}
