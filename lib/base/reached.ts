/** Everything that the ways from some lead to, however far; one of them only where a way leads back to it. */
export function reached<T>(from: Iterable<T>, ways: (at: T) => Iterable<T>): ReadonlySet<T> {
  const found = new Set<T>();
  const open = [...from];
  // Grows while it is walked.
  for (const at of open) {
    for (const next of ways(at)) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(next);
    }
  }
  return found;
}
