import { describe, expect, test } from 'vitest';
import { matchesPath, prefixOf, sensorNamed } from '../../lib/engines/sensor.ts';

describe('a pattern of paths', () => {
  test.each([
    ['in/a.csv', 'in/a.csv', true],
    ['in/a.csv', 'in/aXcsv', false],
    ['in/*.csv', 'in/a.csv', true],
    ['in/*.csv', 'in/.csv', true],
    ['in/*.csv', 'in/deep/a.csv', false],
    ['in/**.csv', 'in/deep/a.csv', true],
    ['in/part-?.csv', 'in/part-1.csv', true],
    ['in/part-?.csv', 'in/part-10.csv', false],
    ['in/(a|b)+[c]$', 'in/(a|b)+[c]$', true],
    ['in/a', 'in/ab', false],
    ['*', 'in/a', false],
  ])('%s and %s: %j', (pattern, path, matches) => {
    expect(matchesPath(pattern, path)).toBe(matches);
    if (matches) expect(path.startsWith(prefixOf(pattern))).toBe(true);
  });
});

describe('arguments', () => {
  test.each([
    ['file.exists', { path: '../secret' }, 'path'],
    ['file.exists', { path: '/etc/passwd' }, 'path'],
    ['file.exists', { path: '' }, 'path'],
    ['file.exists', {}, 'path'],
    ['http.request', { method: 'GET', path: '/a', notYet: [404, 'soon'] }, 'notYet'],
    ['http.request', { method: 'GET', path: '/a', notYet: 404 }, 'notYet'],
    ['sql.query', { statements: [] }, 'statements'],
  ])('%s of %j: %s is told', (name, args, field) => {
    expect(sensorNamed(name)?.check?.(args)).toMatchObject([{ path: field }]);
  });

  test.each([
    ['file.exists', { path: 'in/*.csv' }],
    ['file.exists', { path: { $ref: { kind: 'param', name: 'path', path: [] } } }],
    ['http.request', { method: 'GET', path: '/a', notYet: [404, 425] }],
  ])('%s of %j is sound', (name, args) => {
    expect(sensorNamed(name)?.check?.(args)).toEqual([]);
  });
});
