/** What `tsc` says about a mistake is text that a person understands. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const PIPELINE = `
import { dag, fn, glue, gt, param } from '${resolve('lib/index.ts')}';

const nothing = fn(() => undefined);

dag('d', { params: { region: param.string() } }, ({ task, params, choose }) => {
  const a = task('a', fn(() => ({ rows: 1 })));
  task('b', nothing, { after: 'a' });
  task('c', nothing, { after: ['a'] });
  task('d', nothing, { retrys: 3 });
  glue.startJob({ jobName: a.output.rows });
  glue.startJob({});
  params.regoin;
  choose('s', { big: gt(a.output.rows, 1) }, 'small').to('bigg');
  a.output.rows === 0;
});
`;

const folder = mkdtempSync(join(tmpdir(), 'tutti-types-'));
let said: readonly string[] = [];

beforeAll(() => {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'pipeline.ts'), PIPELINE);
  const options = { typeRoots: [resolve('node_modules/@types')] };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: resolve('tsconfig.json'), include: [folder], compilerOptions: options }),
  );
  said = linesOf(() =>
    execFileSync(
      process.execPath,
      [resolve('node_modules/typescript/bin/tsc'), '--noEmit', '--pretty', 'false', '-p', folder],
      {
        encoding: 'utf8',
      },
    ),
  );
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  [8, '"after" takes tasks, not task ids: write after: load, not after'],
  [9, '"after" takes tasks, not task ids: write after: [load], not after'],
  [10, "'retrys' does not exist in type 'TaskOptions'"],
  [11, "Type 'Ref<number>' is not assignable to type 'Value<string>'"],
  [12, "Property 'jobName' is missing"],
  [
    13,
    "Property 'regoin' does not exist on type '{ readonly region: Ref<string>; }'. Did you mean 'region'?",
  ],
  [14, `Argument of type '"bigg"' is not assignable to parameter of type '"big" | "small"'`],
  [15, "the types 'Ref<number>' and 'number' have no overlap"],
])('line %i: %s', (line, text) => {
  const found = said.filter((each) => each.includes(`pipeline.ts(${line},`)).join('\n');
  expect(found.replaceAll('\\"', '"')).toContain(text);
});

/** What a command that fails has printed. */
function linesOf(run: () => string): readonly string[] {
  try {
    return run().split('\n');
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout).split('\n') : [];
  }
}
