import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { CORE_FUNCTIONS } from '../../lib/deployment/names.ts';

/** Whether a schema was ever made here: the first one sets the language of messages. */
function hasSchemas(): boolean {
  return z.config().localeError !== undefined;
}

describe('what a function of Core does before its first call', () => {
  test.each(CORE_FUNCTIONS)('%s makes no schema', async (name) => {
    const { handler } = await import(`../../lambdas/${name}.ts`);
    expect(handler).toBeTypeOf('function');
    expect(hasSchemas()).toBe(false);
  });

  test('one that is made shows', () => {
    z.string();
    expect(hasSchemas()).toBe(true);
  });
});
