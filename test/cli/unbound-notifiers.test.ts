import { expect, test } from 'vitest';
import { json } from './ledger.ts';
import { project } from './tutti.ts';

const TOLD = `
import { dag, fn, notifier } from 'tutti';
const oncall = notifier('oncall');
export const told = dag('told', { onFailure: oncall }, ({ task }) => {
  task('a', fn(async () => 1), { onFailure: [oncall, notifier('data-team')] });
});
`;
const config = (notifiers: string) => `
import { defineConfig } from 'tutti';
export const config = defineConfig({ environments: { local: { notifiers: ${notifiers} } } });
`;

test('check warns of notifiers that the configuration says nothing about, once each, with the line to write', async () => {
  const bare = project({ 'pipelines/told.ts': TOLD });
  expect(await json(bare, 'check')).toMatchObject({
    code: 0,
    document: {
      ok: true,
      problems: [
        {
          severity: 'warning',
          code: 'unbound-notifier',
          path: 'dag "told" › onFailure',
          remedy: expect.stringContaining(
            "defineConfig({ environments: { local: { notifiers: { oncall: { kind: 'webhook', url: 'https://…' } } } } })",
          ),
          at: { file: 'pipelines/told.ts', line: 4 },
        },
        {
          path: 'dag "told" › task "a" › onFailure',
          remedy: expect.stringContaining("notifiers: { 'data-team': {"),
          at: { file: 'pipelines/told.ts', line: 5 },
        },
      ],
    },
  });
  const misspelt = project({
    'pipelines/told.ts': TOLD,
    'tutti.config.ts': config("{ oncal: { kind: 'console' }, 'data-team': { kind: 'console' } }"),
  });
  expect((await json(misspelt, 'check')).document.problems).toMatchObject([
    { code: 'unbound-notifier', remedy: expect.stringContaining('did you mean "oncal"? Else write') },
  ]);
  const bound = project({
    'pipelines/told.ts': TOLD,
    'tutti.config.ts': config("{ oncall: { kind: 'console' }, 'data-team': { kind: 'console' } }"),
  });
  expect((await json(bound, 'check')).document.problems).toEqual([]);
});
