/** An error as the SDK throws it: its name is AWS's code alone. */
export function fault(thrown: unknown, status: number): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const code = error.name.split('.').slice(1).join('.');
  return Object.assign(new Error(error.message, { cause: error }), {
    name: code === '' ? error.name : code,
    $metadata: { httpStatusCode: status },
  });
}

/** What `read` makes of an answer with this status. `more`: what an error has besides. */
export function told<T>(status: number, read: () => T, more: () => object = () => ({})): T {
  try {
    return read();
  } catch (error) {
    throw Object.assign(fault(error, status), more());
  }
}
