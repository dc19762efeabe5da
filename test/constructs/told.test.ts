/** An app tells a project's mistakes on the standard error, and makes nothing. */
import { expect, test } from 'vitest';
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

test('one of the environments is made where it is named', async () => {
  const { text, exitCode, made } = await toldBy(TWO, { environments: ['prod'] });
  expect({ text, exitCode }).toEqual({ text: '', exitCode: 0 });
  expect(made.filter((name) => name.startsWith('assembly-'))).toEqual(['assembly-prod']);
});
