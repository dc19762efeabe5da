/** What running one kind of case came to. */
export interface SuiteResult {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** `case: what is wrong`, one a failure. */
  readonly failures: readonly string[];
  /** Why cases were skipped, one line a reason. */
  readonly reasons?: readonly string[];
}

/** Runs what it finds of its kind in a folder of the shared layout; `undefined` where there is nothing. */
export type Suite = (dir: string) => Promise<SuiteResult | undefined>;

/** One case: `undefined` when it passes, else what is wrong. */
export type Check<Case> = (input: Case) => Promise<string | undefined> | string | undefined;

export interface NamedCase<Case> {
  readonly name: string;
  readonly input: Case;
  /** Why it is not run. */
  readonly skip?: string | undefined;
}

/** Runs every case; an exception is a failure of that case alone. */
export async function runCases<Case>(
  name: string,
  cases: readonly NamedCase<Case>[],
  check: Check<Case>,
): Promise<SuiteResult | undefined> {
  if (cases.length === 0) return undefined;
  const failures: string[] = [];
  const run = cases.filter(({ skip }) => skip === undefined);
  for (const { name: id, input } of run) {
    const problem = await problemOf(check, input);
    if (problem !== undefined) failures.push(`${id}: ${problem}`);
  }
  const reasons = new Map<string, number>();
  for (const { skip } of cases) if (skip !== undefined) reasons.set(skip, (reasons.get(skip) ?? 0) + 1);
  return {
    name,
    passed: run.length - failures.length,
    failed: failures.length,
    skipped: cases.length - run.length,
    failures,
    reasons: [...reasons].map(([reason, count]) => `${count} skipped: ${reason}`),
  };
}

async function problemOf<Case>(check: Check<Case>, input: Case): Promise<string | undefined> {
  try {
    return await check(input);
  } catch (thrown) {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  }
}
