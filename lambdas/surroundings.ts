/** What handlers take from their process. */
import type { CoreFunctionOptions } from '../lib/aws/core-function.ts';

/** `folder`: where the handler is. */
export function surroundings(folder: string): CoreFunctionOptions {
  return { variables: process.env, folder, write: (line) => void process.stdout.write(line) };
}
