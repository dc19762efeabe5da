import { expect, test } from 'vitest';
import { completePackage, parsePackage, tuttiSpec } from '../../lib/cli/package-file.ts';

const WANTED = {
  name: 'sales',
  tutti: '0.1.0',
  own: {
    engines: { node: '>=24' },
    devDependencies: { typescript: '7.0.2', constructs: '10.8.1', vitest: '5.1.1' },
  },
};

test('a new package.json has the name, the package and the tools of the template, nothing else of ours', () => {
  expect(completePackage(undefined, WANTED)).toEqual({
    name: 'sales',
    version: '0.0.0',
    private: true,
    engines: { node: '>=24' },
    type: 'module',
    scripts: { test: 'node --test "test/**/*.test.ts"', check: 'tsc && tutti check' },
    dependencies: { tutti: '0.1.0' },
    devDependencies: { typescript: '7.0.2', constructs: '10.8.1' },
  });
});

test('one that is there keeps what it says', () => {
  const found = {
    name: 'mine',
    type: 'module',
    scripts: { test: 'vitest', start: 'node .' },
    dependencies: { tutti: 'file:../tutti.tgz', constructs: '10.0.0' },
    devDependencies: { typescript: '6.0.0' },
  };
  expect(completePackage(found, WANTED)).toEqual({
    ...found,
    scripts: { test: 'vitest', start: 'node .', check: 'tsc && tutti check' },
  });
});

test('what npm init fills in is no word of the author', () => {
  const found = {
    name: 'mine',
    type: 'commonjs',
    scripts: { test: 'echo "Error: no test specified" && exit 1' },
  };
  expect(completePackage(found, WANTED)).toMatchObject({
    name: 'mine',
    type: 'module',
    scripts: { test: 'node --test "test/**/*.test.ts"' },
  });
});

test('the package is asked for once, also as a development dependency', () => {
  const { dependencies } = completePackage({ devDependencies: { tutti: '0.2.0' } }, WANTED);
  expect(dependencies).toEqual({});
});

test.each([
  ['its repository', '/code/tutti', undefined, 'file:../../code/tutti/tutti-0.1.0.tgz'],
  [
    'a tarball',
    '/work/a/node_modules/tutti',
    { tutti: 'file:../tutti-0.1.0.tgz' },
    'file:../tutti-0.1.0.tgz',
  ],
  ['a registry', '/work/a/node_modules/tutti', { tutti: '^0.1.0' }, '^0.1.0'],
  ['who knows', '/work/a/node_modules/tutti', undefined, '0.1.0'],
])('a project beside one that has the package from %s finds it, too', (_, from, dependencies, spec) => {
  const holder = dependencies === undefined ? undefined : { dependencies };
  expect(tuttiSpec({ from, version: '0.1.0', holder }, '/work/b')).toBe(spec);
});

test.each(['{', '[]', ''])('a package.json that is none is refused: %s', (text) => {
  expect(() => parsePackage(text, '/work/package.json')).toThrow(
    `/work/package.json: must be a JSON object, got ${text}`,
  );
});
