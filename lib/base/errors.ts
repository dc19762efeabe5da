/**
 * The errors a user of this package can meet. Every message names the place the
 * user wrote, the rule, the value got, and what to write instead:
 * `where › what: rule, got value; remedy`.
 */

/** A place in a source file, 1-based line and column. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One mistake in a definition. */
export interface Problem {
  /** Kebab-case name of the rule, e.g. `duplicate-task-id`; the rule's file has the same name. */
  readonly code: string;
  /** Where in the definition, e.g. `dag "sales" › task "load" › retries.backoff`. */
  readonly path: string;
  /** The rule and the value got: `must be at least 1, got 0.5`. */
  readonly message: string;
  /** What to write instead. */
  readonly remedy?: string;
  /** Warnings do not stop anything. @default 'error' */
  readonly severity?: 'error' | 'warning';
  /** Where the author wrote it. */
  readonly at?: SourceLocation;
  /** Further places that belong to it, e.g. the first of two duplicates. */
  readonly related?: readonly { readonly note: string; readonly at: SourceLocation }[];
}

/** `path: message; remedy`, on one line. */
export function problemText(problem: Problem): string {
  const remedy = problem.remedy === undefined ? '' : `; ${problem.remedy}`;
  return `${problem.path}: ${problem.message}${remedy}`;
}

/** Mistakes of what was written, and those of the rules but where one was told already: what is there is not what was meant. */
export function withoutEchoes(written: readonly Problem[], rules: readonly Problem[]): readonly Problem[] {
  const told = new Set(written.map(({ path }) => path));
  return [...written, ...rules.filter(({ path }) => !told.has(path))];
}

/** A DAG that cannot be compiled. Thrown at build time only, with every problem found. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map(problemText).join('\n'), options);
    this.problems = problems;
  }
}

/** Something that is understood and not done: an unknown DAG, a task without stand-in, a locked file. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  /** Kebab-case, e.g. `unknown-dag`; the CLI's exit code follows from it. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** `RangeError: must be …`, of whatever was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
