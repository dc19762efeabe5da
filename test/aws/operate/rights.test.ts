/** Managed policies hold what commands of operators call, by the calls that stand in their code. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { statementsOf } from '../../../lib/constructs/policy.ts';
import { operatorRights, readerRights, smokeRights } from '../../../lib/deployment/access-rights.ts';
import type { Permission } from '../../../lib/engines/permission.ts';

const PLACE = {
  // The longest name that one may have.
  environment: 'abcdefghijkl',
  account: '111122223333',
  region: 'ap-southeast-2',
  partition: 'aws',
};
const FOLDER = join(import.meta.dirname, '../../../lib/aws/operate');
const READER = readerRights(PLACE);
const OPERATOR = [...READER, ...operatorRights(PLACE)];
const SMOKE = smokeRights(PLACE);

/** Whose policy has what a file calls. */
const FILES: Readonly<Record<string, readonly Permission[]>> = {
  'checks.ts': READER,
  'inventory.ts': OPERATOR,
  'state-tests.ts': SMOKE,
  'trials.ts': SMOKE,
};

/** Of everybody, whatever policies say. */
const FREE = ['sts:GetCallerIdentity'];

const PREFIXES: Readonly<Record<string, string>> = { sfn: 'states' };

/** `states:TestState`, of every command and paginator that a file imports. */
function callsIn(file: string): readonly string[] {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const imports = text.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-([a-z]+)'/g);
  return [...imports].flatMap(([, names = '', client = '']) =>
    names.split(',').flatMap((name) => {
      const [, call, paged] = /^(?:(\w+)Command|paginate(\w+))$/.exec(name.trim()) ?? [];
      const action = call ?? paged;
      return action === undefined ? [] : [`${PREFIXES[client] ?? client}:${action}`];
    }),
  );
}

function actionsOf(rights: readonly Permission[]): readonly string[] {
  return rights.flatMap(({ actions }) => actions);
}

test.each(readdirSync(FOLDER).map((file) => [file]))('%s calls what its policy has', (file) => {
  const allowed = new Set([...FREE, ...actionsOf(FILES[file] ?? [])]);
  expect(callsIn(file).filter((action) => !allowed.has(action))).toEqual([]);
});

test('each of these files calls something', () => {
  for (const file of Object.keys(FILES)) expect(callsIn(file)).not.toEqual([]);
});

test('a trial may what it calls, and pass roles, and nothing else', () => {
  const called = ['state-tests.ts', 'trials.ts'].flatMap((file) => callsIn(file));
  expect(new Set(actionsOf(SMOKE))).toEqual(new Set([...called, 'iam:PassRole']));
});

test.each([
  ['reader', READER],
  ['operator', OPERATOR],
  ['trial', smokeRights(PLACE, `arn:aws:kms:${PLACE.region}:${PLACE.account}:key/${'0'.repeat(36)}`)],
])('the %s’s policy is one that IAM takes: 6,144 characters', (_, rights) => {
  const document = { Version: '2012-10-17', Statement: statementsOf(rights) };
  expect(JSON.stringify(document).length).toBeLessThanOrEqual(6_144);
});

test('definitions that a key of your own encrypts are read with it', () => {
  const key = 'arn:aws:kms:eu-central-1:111122223333:key/1';
  expect(smokeRights(PLACE, key)).toContainEqual({ actions: ['kms:Decrypt'], resources: [key] });
  expect(actionsOf(SMOKE)).not.toContain('kms:Decrypt');
});
