import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { systemClock } from '../../lib/local/clock.ts';
import { stepFunctions } from '../../lib/sfn/api.ts';
import { Asker } from '../../lib/sfn/ask.ts';
import { parseMocks } from '../../lib/sfn/resources/mock-config.ts';

const PAGE = readFileSync('docs/sfn.md', 'utf8');
const blockOf = (language: string) =>
  new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(PAGE)?.[1] ?? '';

test('the page names every call there is, and no other', () => {
  const { calls } = stepFunctions({
    world: { region: 'r', account: 'a', clock: systemClock, random: () => 0 },
    endpoints: { lambda: undefined, services: undefined, mocks: undefined },
    asker: new Asker(),
    retention: { executions: 1, characters: 1 },
  });
  expect(new Set(blockOf('text').trim().split(/\s+/))).toEqual(new Set(Object.keys(calls)));
});

test('the mocks of the page are mocks', () => {
  const machines = parseMocks(blockOf('json'), 'docs/sfn.md');
  expect([...(machines.get('orders')?.keys() ?? [])]).toEqual(['Busy']);
});

test('the page names every option of the command', () => {
  const program = readFileSync('lib/cli/program.ts', 'utf8');
  const [, command = ''] = /\.command\('sfn'\)([\s\S]*?)\.action/.exec(program) ?? [];
  const options = [...command.matchAll(/'(--[\w-]+)/g)].map(([, option = '']) => option);
  expect(options.length).toBeGreaterThan(5);
  expect(options.filter((option) => !PAGE.includes(option))).toEqual([]);
});
