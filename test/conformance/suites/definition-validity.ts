import { join } from 'node:path';
import { checkDefinition } from '../../../lib/asl/check.ts';
import { jsonFiles, readJson } from '../../reference/shared.ts';
import { runCases, type SuiteResult } from '../suite.ts';

interface ValidityCase {
  readonly name: string;
  readonly definition: unknown;
  readonly expected: { readonly valid: boolean; readonly message?: string };
}

/** Definitions that CreateStateMachine or a linter took or refused; other words than AWS's are told. */
export async function suite(dir: string): Promise<SuiteResult | undefined> {
  const folder = join(dir, 'asl/definition-validity');
  const cases = jsonFiles(folder).map((file) => readJson<ValidityCase>(join(folder, file)));
  const words: string[] = [];
  const named = cases.map((input) => ({ name: input.name, input }));
  const result = await runCases('definition-validity', named, ({ name, definition, expected }) => {
    const refused = checkDefinition(definition).filter(({ severity }) => severity === 'refused');
    const got = refused.map(({ code, message, path }) => `${code}: ${message} at ${path}`).join(', ');
    if (expected.valid !== (refused.length === 0))
      return `expected ${expected.valid ? 'valid' : 'refused'}, got ${got || 'valid'}`;
    const said = /'(.*)'$/s.exec(expected.message ?? '')?.[1];
    if (said !== undefined && said !== got) words.push(`${name}: AWS says ${said}, we say ${got}`);
    return undefined;
  });
  return result === undefined ? undefined : { ...result, reasons: [...(result.reasons ?? []), ...words] };
}
