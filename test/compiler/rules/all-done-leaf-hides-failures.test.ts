import { expect, test } from 'vitest';
import { allDoneLeafHidesFailures } from '../../../lib/compiler/rules/all-done-leaf-hides-failures.ts';
import { node, sales, told } from './graphs.ts';

test('a leaf that runs whatever happened hides the failure above it', () => {
  const tasks = [
    node('load'),
    node('publish', { after: ['load'] }),
    node('clean', { after: ['publish'], triggerRule: 'all_done' }),
  ];
  expect(told(allDoneLeafHidesFailures, sales(tasks))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "clean" › triggerRule: the run is green when "publish" fails: "clean" (all_done) alone decides it; write runState: 'any-failed' on the DAG, or make it a teardown",
    ]
  `);
});

test('a handler of failures hides them where nothing else follows', () => {
  const tasks = [node('load'), node('alert', { after: ['load'], triggerRule: 'one_failed' })];
  expect(told(allDoneLeafHidesFailures, sales(tasks))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "alert" › triggerRule: the run is green when "load" fails: "alert" (one_failed) alone decides it; write runState: 'any-failed' on the DAG, or make it a teardown",
    ]
  `);
});

test('nothing is hidden where another leaf tells of it', () => {
  const tasks = [
    node('load'),
    node('report', { after: ['load'] }),
    node('alert', { after: ['load'], triggerRule: 'one_failed' }),
    node('root', { triggerRule: 'always' }),
  ];
  expect(told(allDoneLeafHidesFailures, sales(tasks))).toEqual([]);
});

test('nothing is hidden where any failure fails the run', () => {
  const tasks = [node('load'), node('clean', { after: ['load'], triggerRule: 'all_done' })];
  expect(told(allDoneLeafHidesFailures, sales(tasks, { runState: 'any-failed' }))).toEqual([]);
});

test('a teardown that decides the run hides the work above it; another one does not', () => {
  const drop = (failRun: boolean) =>
    node('drop', {
      after: ['create', 'load'],
      teardownOf: ['create'],
      triggerRule: 'all_done_setup_success',
      failRun,
    });
  const tasks = (failRun: boolean) => [node('create'), node('load', { after: ['create'] }), drop(failRun)];
  expect(told(allDoneLeafHidesFailures, sales(tasks(true)))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "drop" › failRun: the run is green when "load" fails: "drop" (all_done_setup_success) alone decides it; write runState: 'any-failed' on the DAG, or leave failRun out",
    ]
  `);
  expect(told(allDoneLeafHidesFailures, sales(tasks(false)))).toEqual([]);
});
