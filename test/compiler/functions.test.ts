/** Which function each task runs in, and what constructs are to make. */
import { expect, test } from 'vitest';
import { compile } from '../../lib/compiler/compile.ts';
import { functionsOf } from '../../lib/compiler/functions.ts';
import { dag, fn } from '../../lib/index.ts';
import { simulate } from '../../lib/local/simulate.ts';

const vpc = { subnetIds: ['subnet-b', 'subnet-a'], securityGroupIds: ['sg-1'] };
const nothing = () => undefined;

const sizes = dag('sizes', {}, ({ task }) => {
  task('small', fn(nothing));
  task('same', fn(nothing, { memory: 512, timeout: '1m' }));
  task('large', fn(nothing, { memory: 1024 }));
  task('too', fn(nothing, { memory: 1024 }));
  task('disk', fn(nothing, { memory: 1024, ephemeralStorage: 2048 }));
  task('inside', fn(nothing, { vpc }));
  task('again', fn(nothing, { vpc: { ...vpc, subnetIds: vpc.subnetIds.toReversed() } }));
  task('outside', fn(nothing, { vpc: false }));
});

test('tasks of one size share a function', () => {
  expect(functionsOf(sizes)).toEqual([
    { key: 'main', memory: 512 },
    { key: 'm1024', memory: 1024 },
    { key: 'm1024e2048', memory: 1024, ephemeralStorage: 2048 },
    { key: expect.stringMatching(/^v[0-9a-f]+$/), memory: 512, vpc },
    { key: 'v0', memory: 512, vpc: false },
  ]);
});

test('each state calls the function of its size, by name', () => {
  const { definition } = compile(sizes);
  const text = JSON.stringify(definition);
  for (const { key } of functionsOf(sizes)) expect(text).toContain(`run.fns.${key}`);
});

test('where there is one function for all, it is called', async () => {
  expect((await simulate(compile(sizes), {})).state).toBe('success');
});
