/** An error that retry rules know by `name`: `Http.Network`, `Files.NotFound`, `Sql.CatalogError`. */
export function namedError(name: string, message: string, options?: ErrorOptions): Error {
  const error = new Error(message, options);
  error.name = name;
  return error;
}

/** True for an error of {@link namedError} or of the system with that `name` or `code`. */
export function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && (error.name === name || ('code' in error && error.code === name));
}
