/** A name as the id of a construct: `api-read` → `ApiRead`. */
export function pascal(name: string): string {
  return name.replaceAll(/(^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, _between, letter: string) =>
    letter.toUpperCase(),
  );
}
