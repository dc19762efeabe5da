import { expect, test } from 'vitest';
import { refOutsideModule } from '../../../lib/compiler/rules/ref-outside-module.ts';
import type { Expression } from '../../../lib/model/ref.ts';
import { loopOf, MAP, node, sales, told, unit } from './graphs.ts';

const reads = (...expressions: readonly Expression[]) => ({
  call: { kind: 'fn' as const, inputs: { values: expressions.map(($ref) => ({ $ref })) } },
});
const item = (of: string): Expression => ({ kind: 'item', of, path: ['path'] });
const index = (of: string): Expression => ({ kind: 'index', of });
const previous = (of: string): Expression => ({ kind: 'previous', of, path: [] });

test('what a run of a module gets is read inside it, at any depth', () => {
  const groups = [
    unit('days', MAP),
    unit('days.files', { kind: 'map', items: { $ref: item('days') }, label: { $ref: item('days.files') } }),
    unit(
      'days.pages',
      loopOf('days.pages', { initial: { $ref: index('days') }, next: { $ref: previous('days.pages') } }),
    ),
  ];
  const tasks = [
    node('days.files.a', reads(item('days'), item('days.files'), index('days.files'))),
    node('days.pages.turn', reads(previous('days.pages'), item('days'))),
    node('load', {
      ...reads(item('load'), index('load')),
      map: { items: ['x'], label: { $ref: item('load') } },
    }),
  ];
  expect(told(refOutsideModule, sales(tasks, { groups }))).toEqual([]);
});

test('outside it there is none', () => {
  const groups = [
    unit('days', { kind: 'map', items: { $ref: item('days') } }),
    unit('pages', loopOf('pages', { initial: { $ref: previous('pages') } })),
  ];
  const tasks = [
    node('days.a', reads(previous('days'))),
    node('pages.turn', reads(item('days'))),
    node('end', reads(index('days'), item('gone'))),
    node('load', { map: { items: { $ref: item('load') } } }),
  ];
  expect(told(refOutsideModule, sales(tasks, { groups }))).toMatchInlineSnapshot(`
    [
      "dag "sales" › group "days" › items: must read the item of a map only inside it, got that of "days"; read the list itself, or the output of "days", which is a list",
      "dag "sales" › loop "pages" › initial: must read what an iteration of a loop gave only inside it, got that of "pages"; read its output: pages.output is what the last one gave",
      "dag "sales" › task "end" › inputs.values[0]: must read the index of a map only inside it, got that of "days"; read the list itself, or the output of "days", which is a list",
      "dag "sales" › task "end" › inputs.values[1]: must read the item of a map only inside it, got that of "gone"; read the list itself, or the output of "gone", which is a list",
      "dag "sales" › task "load" › items: must read the item of a map only inside it, got that of "load"; read the list itself, or the output of "load", which is a list",
      "dag "sales" › task "days.a" › inputs.values[0]: must read what an iteration of a loop gave only inside it, got that of "days"; read its output: days.output is what the last one gave",
      "dag "sales" › task "pages.turn" › inputs.values[0]: must read the item of a map only inside it, got that of "days"; read the list itself, or the output of "days", which is a list",
    ]
  `);
});
