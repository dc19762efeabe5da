/** Counts what a store consumes. */
import type { Units } from '../../../lib/aws/dynamodb/table.ts';

export interface Consumed {
  readonly requests: number;
  /** Consistent reads of 4 KB. */
  readonly read: number;
  /** Writes of 1 KB. */
  readonly write: number;
}

export class Meter {
  readonly rows: { readonly what: string; readonly consumed: Consumed }[] = [];
  #now: Consumed = NOTHING;

  /** For the options of a store. What finds nothing costs one read on AWS; DynamoDB Local tells none. */
  readonly count = ({ operation, read, write }: Units): void => {
    const isRead = operation === 'get' || operation === 'query';
    this.#now = {
      requests: this.#now.requests + 1,
      read: this.#now.read + (isRead && read === 0 ? 1 : read),
      write: this.#now.write + write,
    };
  };

  /** What one thing consumed. */
  async of(what: string, work: () => Promise<unknown>): Promise<Consumed> {
    this.#now = NOTHING;
    await work();
    const consumed = this.#now;
    this.rows.push({ what, consumed });
    return consumed;
  }

  /** All that was asked for, as a table. */
  table(): string {
    const lines = this.rows.map(({ what, consumed: { requests, read, write } }) =>
      [what.padEnd(58), ...[requests, read, write].map((number) => String(number).padStart(9))].join(''),
    );
    return [`${''.padEnd(58)} requests    reads   writes`, ...lines].join('\n');
  }
}

const NOTHING: Consumed = { requests: 0, read: 0, write: 0 };
