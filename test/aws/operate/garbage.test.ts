import fc from 'fast-check';
import { expect, test } from 'vitest';
import { garbageIn, type Inventory, type Versioned } from '../../../lib/aws/operate/garbage.ts';

const versioned = (name: string, numbers: readonly (readonly [number, number, string])[]): Versioned => ({
  arn: name,
  roleArn: numbers.at(-1)?.[2] ?? `${name}-role`,
  versions: numbers.map(([number, createdMs, roleArn]) => ({ arn: `${name}:${number}`, createdMs, roleArn })),
});

test('the newest, the used and the young stay, and the roles they have', () => {
  const inventory: Inventory = {
    machines: [
      versioned('machine', [
        [9, 10, 'old'],
        [10, 20, 'used'],
        [11, 900, 'young'],
        [12, 30, 'newest'],
      ]),
    ],
    functions: [versioned('function', [[1, 10, 'function-role']])],
    roles: ['old', 'used', 'young', 'newest', 'function-role', 'nobodys'].map((arn) => ({
      arn,
      name: arn,
      createdMs: 10,
    })),
  };
  const { machineVersions, functionVersions, roles } = garbageIn(inventory, {
    used: new Set(['machine:10']),
    madeBeforeMs: 500,
  });
  expect(machineVersions).toEqual(['machine:9']);
  expect(functionVersions).toEqual([]);
  expect(roles.map(({ name }) => name)).toEqual(['old', 'nobodys']);
});

test('a function without versions, as Core has them, keeps its role', () => {
  const functions = [{ arn: 'tutti-dev-tick', roleArn: 'tick-role', versions: [] }];
  const roles = ['tick-role', 'nobodys'].map((arn) => ({ arn, name: arn, createdMs: 0 }));
  const { roles: gone } = garbageIn(
    { machines: [], functions, roles },
    { used: new Set(), madeBeforeMs: 500 },
  );
  expect(gone.map(({ name }) => name)).toEqual(['nobodys']);
});

test('a role made during a deployment stays until its versions are there', () => {
  const roles = [{ arn: 'fresh', name: 'fresh', createdMs: 900 }];
  const { roles: gone } = garbageIn(
    { machines: [], functions: [], roles },
    { used: new Set(), madeBeforeMs: 500 },
  );
  expect(gone).toEqual([]);
});

test('whatever there is: nothing that stays loses its role, and no machine loses its newest', () => {
  const version = fc.tuple(
    fc.integer({ min: 1, max: 30 }),
    fc.integer({ min: 0, max: 1000 }),
    fc.constantFrom('a', 'b', 'c', 'd'),
  );
  const versions = fc.uniqueArray(version, { selector: ([number]) => number, minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(versions, { maxLength: 5 }), fc.array(fc.nat(30)), (lists, usedNumbers) => {
      const machines = lists.map((list, index) => versioned(`m${index}`, list));
      const all = machines.flatMap((each) => each.versions);
      const used = new Set(usedNumbers.map((number) => `m0:${number}`));
      const roles = ['a', 'b', 'c', 'd'].map((arn) => ({ arn, name: arn, createdMs: 0 }));
      const gone = garbageIn({ machines, functions: [], roles }, { used, madeBeforeMs: 500 });
      const staying = all.filter(({ arn }) => !gone.machineVersions.includes(arn));
      const lost = gone.roles.map(({ arn }) => arn);
      expect(staying.filter(({ roleArn }) => lost.includes(roleArn))).toEqual([]);
      expect(gone.machineVersions.filter((arn) => used.has(arn))).toEqual([]);
      lists.forEach((list, index) => {
        const newest = Math.max(...list.map(([number]) => number));
        expect(gone.machineVersions).not.toContain(`m${index}:${newest}`);
      });
    }),
  );
});
