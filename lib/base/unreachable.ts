/** Ends a switch over a union: a case nobody handled is a compile error, and our bug at run time. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
