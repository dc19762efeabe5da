/** What a configuration says wrong, all at once: where, the rule, what was got, what to write. */
import { describe, expect, test } from 'vitest';
import { configFaults } from '../../lib/project/config-shape.ts';

const AWS = { account: '111122223333', region: 'eu-central-1' };

function faults(environments: unknown): readonly string[] {
  return configFaults({ environments }).map(({ field, message }) => `${field} ${message}`);
}

function ofAws(aws: object): readonly string[] {
  return faults({ dev: { aws: { ...AWS, ...aws } } }).map((text) =>
    text.replace('.environments.dev.aws', ''),
  );
}

describe('a configuration', () => {
  test('with everything that may be there has no fault', () => {
    const all = {
      ...AWS,
      stacks: 8,
      tags: { 'cost-centre': 'data' },
      permissionsBoundary: 'developers',
      vpc: { subnetIds: ['subnet-1'], securityGroupIds: ['sg-1'] },
      encryptionKey: 'arn:aws:kms:eu-central-1:111122223333:key/0a1b',
      keepData: true,
      architecture: 'x86_64',
      sweepEvery: '5m',
      api: { jwt: { issuer: 'https://a.example.com', audience: ['a'] }, origin: 'https://b.example.com' },
      logs: 'ALL',
      tracing: true,
      concurrency: { record: 5, 'api-read': 2 },
    };
    const notifiers = {
      oncall: { kind: 'sns', email: ['a@example.com'], format: 'chat' },
      hook: { kind: 'webhook', url: 'https://a.example.com', secret: 'token', headers: { a: 'b' } },
    };
    const connections = {
      lake: { kind: 'sql', engine: 'athena', outputLocation: 's3://results/', data: ['lake/raw/*'] },
      shop: { kind: 'http', baseUrl: 'https://shop.example.com', secret: 'shop' },
    };
    expect(
      faults({ local: {}, prod: { aws: all, notifiers, connections, retention: { age: '30d' } } }),
    ).toEqual([]);
    expect(ofAws({ stacks: () => 'sales' })).toEqual([]);
  });

  test('says all that is wrong at once', () => {
    expect(faults({ dev: { connectons: {}, aws: { account: '12' }, retention: { keep: 0 } } })).toEqual([
      '.environments.dev.retention.keep must be a whole number of at least 1, got 0',
      '.environments.dev.aws.account must be 12 digits, got "12"',
      '.environments.dev.aws.region must be the name of a region, got nothing',
      '.environments.dev.connectons must be connections, notifiers, retention or aws, got "connectons"',
    ]);
  });

  test.each([
    [{ account: 111122223333 }, '.account must be 12 digits, got 111122223333'],
    [{ region: 'Frankfurt' }, '.region must be the name of a region, got "Frankfurt"'],
    [{ stacks: 0 }, '.stacks must be a whole number from 1 to 100, got 0'],
    [{ stacks: '8' }, '.stacks must be a whole number from 1 to 100, got "8"'],
    [
      { vpc: { subnetIds: [], securityGroupIds: ['sg-1'] } },
      '.vpc.subnetIds must be a list of ids that begin with subnet-, got a list',
    ],
    [{ encryptionKey: 'alias/mine' }, '.encryptionKey must be the ARN of a key, got "alias/mine"'],
    [{ sweepEvery: '30s' }, '.sweepEvery must be a whole number of minutes, 1m to 24h, got "30s"'],
    [{ architecture: 'arm' }, '.architecture must be "arm64" or "x86_64", got "arm"'],
    [{ logs: true }, '.logs must be "OFF", "ERROR" or "ALL", got true'],
    [{ tracing: 'yes' }, '.tracing must be true or false, got "yes"'],
    [
      { concurrency: { recorder: 5 } },
      '.concurrency.recorder must be "tick", "record", "sweep", "backfill", "register", "cancel", "pool", "api-read" or "api-write", got "recorder"',
    ],
    [
      { api: { jwt: { issuer: 'http://a', audience: ['a'] } } },
      '.api.jwt.issuer must begin with https://, got "http://a"',
    ],
    [
      { keepdata: true },
      '.keepdata must be account, region, newRegion, stacks, tags, permissionsBoundary, vpc, encryptionKey, keepData, architecture, sweepEvery, api, logs, tracing or concurrency, got "keepdata"',
    ],
    [
      { tags: { 'aws:x': 'a' } },
      '.tags.aws:x must have a name that does not begin with aws: or tutti:, of at most 128 characters, got "aws:x"',
    ],
  ])('of a deployment %j', (aws, told) => {
    expect(ofAws(aws)).toEqual([told]);
  });

  test.each(['Prod', 'eu-prod', 'a234567890123'])('names no deployed environment %s', (name) => {
    expect(faults({ [name]: { aws: AWS } })).toEqual([
      `.environments.${name} must have a name of 1 to 12 of a-z and 0-9, got "${name}"`,
    ]);
    expect(faults({ [name]: {} })).toEqual([]);
  });

  test('deploys no local', () => {
    expect(faults({ local: { aws: AWS } })).toEqual([
      expect.stringContaining('.environments.local.aws must not be there: local is the laptop'),
    ]);
  });

  test('leaves no address to a function, and no message to a console, where it is deployed', () => {
    const connections = { shop: { kind: 'http', baseUrl: () => 'https://shop.example.com' } };
    const notifiers = { oncall: { kind: 'console' } };
    expect(faults({ local: { connections, notifiers } })).toEqual([]);
    expect(faults({ dev: { connections, notifiers, aws: AWS } })).toEqual([
      '.environments.dev.connections.shop.baseUrl must be a text where it is deployed, got a function',
      '.environments.dev.notifiers.oncall.kind must be "webhook" or "sns", got "console"',
    ]);
    expect(faults({ local: { notifiers: { oncall: { kind: 'sns' } } } })).toEqual([
      '.environments.local.notifiers.oncall.kind must be "console" or "webhook", got "sns"',
    ]);
  });
});
