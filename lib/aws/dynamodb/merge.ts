import { valueIn } from './item.ts';
import type { Range } from './requests.ts';
import type { Table } from './table.ts';

/** Values of a range, read little by little. */
export async function* valuesIn<T>(table: Table, range: Range): AsyncGenerator<T> {
  for await (const page of table.pages(range)) yield* page.map(valueIn<T>);
}

/** Ordered lists as one. */
export async function* merged<T>(
  streams: readonly AsyncGenerator<T, void>[],
  compare: (a: T, b: T) => number,
): AsyncGenerator<T> {
  let heads = await Promise.all(streams.map(headOf));
  for (;;) {
    const there = heads.filter((head) => head !== undefined);
    const [first] = there.sort((a, b) => compare(a.value, b.value));
    if (first === undefined) return;
    yield first.value;
    heads = [...there.slice(1), await headOf(first.stream)];
  }
}

interface Head<T> {
  readonly stream: AsyncGenerator<T, void>;
  readonly value: T;
}

async function headOf<T>(stream: AsyncGenerator<T, void>): Promise<Head<T> | undefined> {
  const { done, value } = await stream.next();
  return done === true ? undefined : { stream, value: value as T };
}
