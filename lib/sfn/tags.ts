import type { JsonObject } from '../base/json.ts';
import { invalidArn, SfnError } from './errors.ts';
import type { Machine } from './machine.ts';
import { objects, optionalText, text } from './request.ts';
import type { Calls } from './world.ts';

/** Tags of one resource. @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_TagResource.html */
const MAX_TAGS = 50;

/** The tags a request brings. */
export function tagsOf(input: JsonObject): Map<string, string> {
  const tags = new Map(
    objects(input, 'tags').map((tag) => [
      text(tag, 'key', { min: 1, max: 128 }),
      optionalText(tag, 'value', { max: 256 }) ?? '',
    ]),
  );
  checkCount(tags.size, '');
  return tags;
}

/** Tags of state machines. */
export function tagCalls(machines: ReadonlyMap<string, Machine>): Calls {
  const tagged = (input: JsonObject): Machine => {
    const arn = text(input, 'resourceArn', { min: 1, max: 256 });
    if (!arn.startsWith('arn:')) throw invalidArn(`Invalid ARN prefix: ${arn}`);
    const machine = machines.get(arn);
    if (machine !== undefined) return machine;
    throw new SfnError('ResourceNotFound', `Resource not found: '${arn}'`);
  };
  return {
    TagResource(input) {
      const { arn, tags } = tagged(input);
      const more = tagsOf(input);
      checkCount(new Set([...tags.keys(), ...more.keys()]).size, arn);
      for (const [key, value] of more) tags.set(key, value);
      return {};
    },
    UntagResource(input) {
      const { tags } = tagged(input);
      const keys = input['tagKeys'];
      for (const key of Array.isArray(keys) ? keys : []) tags.delete(String(key));
      return {};
    },
    ListTagsForResource: (input) => ({
      tags: [...tagged(input).tags].map(([key, value]) => ({ key, value })),
    }),
  };
}

function checkCount(count: number, arn: string): void {
  if (count <= MAX_TAGS) return;
  throw new SfnError('TooManyTags', `${arn}: at most ${MAX_TAGS} tags, got ${count}`);
}
