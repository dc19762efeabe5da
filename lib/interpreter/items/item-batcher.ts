import { MAX_PAYLOAD_BYTES } from '../../asl/limits.ts';
import type { ItemBatcher } from '../../asl/states.ts';
import type { Json } from '../../base/json.ts';
import { bytesOf, textOf } from '../json-text.ts';
import { optionalTemplate } from '../template.ts';
import type { Visit } from '../visit.ts';
import { numberField } from './map-items.ts';

interface Batched {
  readonly input: Json;
  readonly item: undefined;
  readonly size: number;
}

/**
 * Puts items together: `{ BatchInput?, Items }`, at most `MaxItemsPerBatch` and `MaxInputBytesPerBatch`.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
 */
export function itemBatcher(
  batcher: ItemBatcher,
): (visit: Visit, items: readonly { readonly input: Json }[]) => Promise<readonly Batched[]> {
  const maxItems = numberField(batcher.MaxItemsPerBatch, 'ItemBatcher/MaxItemsPerBatch', 0);
  const maxBytes = numberField(batcher.MaxInputBytesPerBatch, 'ItemBatcher/MaxInputBytesPerBatch', 0);
  const shared = optionalTemplate(batcher.BatchInput, 'ItemBatcher/BatchInput');
  return async (visit, items) => {
    const [most, bytes] = [await maxItems(visit), await maxBytes(visit)];
    const common = shared === undefined ? {} : { BatchInput: await shared(visit.scope()) };
    const limits = {
      items: most === 0 ? Number.POSITIVE_INFINITY : most,
      bytes: bytes === 0 ? MAX_PAYLOAD_BYTES : Math.min(bytes, MAX_PAYLOAD_BYTES),
      frame: bytesOf(textOf({ ...common, Items: [] })),
    };
    return split(items, limits).map((Items) => ({
      input: { ...common, Items },
      item: undefined,
      size: Items.length,
    }));
  };
}

function split(
  items: readonly { readonly input: Json }[],
  limits: { readonly items: number; readonly bytes: number; readonly frame: number },
): readonly Json[][] {
  const batches: Json[][] = [];
  let batch: Json[] = [];
  let bytes = limits.frame;
  for (const { input } of items) {
    const more = bytesOf(textOf(input)) + (batch.length === 0 ? 0 : 1);
    if (batch.length > 0 && (batch.length >= limits.items || bytes + more > limits.bytes)) {
      batches.push(batch);
      batch = [];
      bytes = limits.frame;
    }
    batch.push(input);
    bytes += more;
  }
  return batch.length === 0 ? batches : [...batches, batch];
}
