/** An app tells a project's mistakes on the standard error, and makes nothing. */
import { describe, expect, test } from 'vitest';
import { AWS, pipeline } from './deployed.ts';
import { type Project, toldBy } from './told.ts';

const HERE = `{ aws: ${JSON.stringify(AWS)} }`;
const ONE = { 'pipelines/a.ts': pipeline('a') };
const TWO: Project = { files: ONE, environments: `{ local: {}, dev: ${HERE}, prod: ${HERE} }` };

test('all mistakes of a project at once', async () => {
  const { text, exitCode, made } = await toldBy({
    files: { 'pipelines/a.ts': pipeline('a').replace("'first'", "'not good'") },
    environments: "{ dev: { aws: { account: '1', region: 'eu-central-1' } } }",
  });
  expect(text).toContain('tutti.config.ts › environments.dev.aws.account: must be 12 digits, got "1"');
  expect(text).toContain('id must have no space, got "not good"');
  expect(text).toMatch(/at .*a\.ts:4:\d+/);
  expect({ exitCode, made }).toEqual({ exitCode: 1, made: [] });
});

test.each([
  [
    ['nope'],
    'tuttiApp › environments: must name environments of tutti.config.ts that have aws, got "nope"; there are dev, prod\n',
  ],
  [
    ['dev', 'prd', 'local'],
    `tuttiApp › environments: must name environments of tutti.config.ts that have aws, got "prd"; did you mean "prod"?
tuttiApp › environments: must name environments of tutti.config.ts that have aws, got "local", which has no aws; write aws: { account: '…', region: '…' }, or name one of dev, prod
`,
  ],
  [
    [],
    'tuttiApp › environments: must name environments of tutti.config.ts that have aws, got no name; there are dev, prod\n',
  ],
])('environments %j that are not there', async (environments, text) => {
  expect(await toldBy(TWO, { environments })).toEqual({ text, exitCode: 1, made: [] });
});

test('a configuration without an environment on AWS', async () => {
  expect(await toldBy({ files: ONE, environments: '{ local: {} }' })).toEqual({
    text: "tutti.config.ts › environments: must have one that says aws, got none; write environments: { dev: { aws: { account: '…', region: '…' } } }\n",
    exitCode: 1,
    made: [],
  });
});

test('mistakes of every environment at once, before the first is made', async () => {
  const files = {
    'pipelines/a.ts': pipeline('a', '1', "onFailure: notifier('oncall')").replace(
      '{ dag, fn }',
      '{ dag, fn, notifier }',
    ),
  };
  const bound = `{ ...${HERE}, notifiers: { oncall: { kind: 'sns' } } }`;
  const environments = `{ dev: ${bound}, test: ${HERE}, prod: ${HERE} }`;
  const { text, ...rest } = await toldBy({ files, environments, before: ['synth.lock'] });
  const lines = text.split('\n').filter((line) => line.startsWith('environment'));
  expect(lines.map((line) => line.slice(0, line.indexOf(',')))).toEqual([
    'environment "test" › notifiers.oncall: must be bound for dag "a"',
    'environment "prod" › notifiers.oncall: must be bound for dag "a"',
  ]);
  expect(rest).toEqual({ exitCode: 1, made: ['synth.lock'] });
});

test('what is found as it is made, with nothing left of what was made before it', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 51 }, (_, index) => [`pipelines/d${index}.ts`, pipeline(`d${index}`)]),
  );
  const spread = `{ aws: { ...${JSON.stringify(AWS)}, stacks: 2 } }`;
  const project = { files, environments: `{ dev: ${spread}, test: ${HERE} }`, before: ['synth.lock'] };
  expect(await toldBy(project)).toEqual({
    text: 'environment "test" › stack 0: must have at most 450 resources, got 460; raise stacks from 1 to 2\n',
    exitCode: 1,
    made: ['synth.lock'],
  });
});

describe('what is too large is refused as it is made, and nothing is left', () => {
  const only = `{ dev: ${HERE} }`;

  test('a template, over one that was there', async () => {
    // Definitions of this length are in the template, each twice.
    const large = (id: string) =>
      pipeline(id, '1', '').replace(
        'fn(async () => 2)',
        `fn({ text: '${'x'.repeat(3_000)}' }, async () => 2)`,
      );
    const files = Object.fromEntries(
      Array.from({ length: 55 }, (_, index) => [`pipelines/d${index}.ts`, large(`d${index}`)]),
    );
    const before = ['synth.lock', 'manifest.json', 'asset.0.json'];
    const { text, ...rest } = await toldBy({ files, environments: only, before });
    expect(text).toMatch(
      /^environment "dev" › stack 0: must have a template of at most 900 KB, got 9\d\d KB; raise stacks from 1\n$/,
    );
    expect(rest).toEqual({ exitCode: 1, made: ['asset.0.json', 'synth.lock'] });
  });

  test('code of a DAG', async () => {
    const limits = { codeBytes: 100_000 };
    const { text, ...rest } = await toldBy({ files: ONE, environments: only }, { limits });
    expect(text).toMatch(
      /^dag "a": must have code of at most 0\.1 MB, packages included, got 0\.\d MB; import less in its file, or run the work by ecs\.runTask\n/,
    );
    expect(rest).toEqual({ exitCode: 1, made: [] });
  });

  test('rights of a DAG', async () => {
    const source = `import { dag, lambda } from 'tutti';

export const one = dag('a', {}, ({ task }) => {
  for (let index = 0; index < 550; index++)
    task('t' + index, lambda.invoke({ functionName: 'a-function-of-as-long-a-name-as-a-name-may-have-of-64-letter-' + index }));
});
`;
    const { text, ...rest } = await toldBy({ files: { 'pipelines/a.ts': source }, environments: only });
    expect(text).toMatch(
      /^dag "a" › role of its function: must have rights that 10 managed policies hold, got 1\d; name resources that its tasks share, or make two DAGs of it: trigger\.dag starts the second\n/,
    );
    expect(rest).toEqual({ exitCode: 1, made: [] });
  });

  test('a machine that cannot be divided', async () => {
    const huge = pipeline('a').replace(
      'fn(async () => 2)',
      "fn({ text: 'x'.repeat(1_100_000) }, async () => 2)",
    );
    const { text, ...rest } = await toldBy({ files: { 'pipelines/a.ts': huge }, environments: only });
    expect(text).toMatch(
      /^dag "a": must have machines of at most 1048576 bytes, also where it is divided, got 1\d+; make two DAGs of it/,
    );
    expect(rest).toEqual({ exitCode: 1, made: [] });
  });
});

test('one of the environments is made where it is named', async () => {
  const { text, exitCode, made } = await toldBy(TWO, { environments: ['prod'] });
  expect({ text, exitCode }).toEqual({ text: '', exitCode: 0 });
  expect(made.filter((name) => name.startsWith('assembly-'))).toEqual(['assembly-prod']);
});
