import { expect, test } from 'vitest';
import { taskId } from '../../../lib/compiler/rules/task-id.ts';
import { node, sales, told } from './graphs.ts';

test('characters AWS refuses are named, with a name that would do', () => {
  expect(
    told(taskId, sales([node('bad id!?'), node('a/b:c'), node('tab\there'), node('***'), node('')])),
  ).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "bad id!?": id must have no space or "?", got "bad id!?"; write "bad_id!"",
      "dag "sales" › task "a/b:c": id must have no "/" or ":", got "a/b:c"; write "a_b_c"",
      "dag "sales" › task "tab	here": id must have no U+0009, got "tab\\there"; write "tab_here"",
      "dag "sales" › task "***": id must have no "*", got "***"; use letters, digits, '_', '-' and '.'",
      "dag "sales" › task "": id must not be empty, got ""; give it a name: 'load'",
    ]
  `);
});

test('an id of 80 characters is the longest', () => {
  expect(told(taskId, sales([node('x'.repeat(80)), node('x'.repeat(81))]))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": id must have at most 80 characters (the limit of a state's name on AWS), got 81; shorten it, or the names of the groups it is in",
    ]
  `);
});

test('the id of the DAG obeys the same rule', () => {
  expect(told(taskId, sales([node('a')], { id: 'my dag' }))).toMatchInlineSnapshot(`
    [
      "dag "my dag": id must have no space, got "my dag"; write "my_dag"",
    ]
  `);
});

test('letters of any alphabet, digits, dots, dashes and underscores are fine', () => {
  expect(told(taskId, sales([node('load_2.über-größe'), node('日次')]))).toEqual([]);
});

test('an id that the machine would mistake for something else is refused', () => {
  expect(
    told(taskId, sales([node('@'), node('='), node('toString'), node('__proto__')])),
  ).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "@": id must not be "@", "=" or a word that every JavaScript object has, got "@"; give it another name",
      "dag "sales" › task "=": id must not be "@", "=" or a word that every JavaScript object has, got "="; give it another name",
      "dag "sales" › task "toString": id must not be "@", "=" or a word that every JavaScript object has, got "toString"; give it another name",
      "dag "sales" › task "__proto__": id must not be "@", "=" or a word that every JavaScript object has, got "__proto__"; give it another name",
    ]
  `);
});
