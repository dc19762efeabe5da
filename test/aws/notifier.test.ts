/** What people are told by topics: the SDK's own client, and in the place of SNS what answers as it does. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { tellPeople } from '../../lib/aws/notifier.ts';
import type { NotifierConfig } from '../../lib/model/environment.ts';
import type { Message } from '../../lib/orchestrator/ports.ts';

const PREFIX = 'arn:aws:sns:eu-central-1:111122223333:';
const ALERTS = `${PREFIX}tutti-prod-alerts`;

const published: { readonly topic: string; readonly subject: string | null; readonly text: string }[] = [];
const gone = new Set<string>();
const written: Readonly<Record<string, unknown>>[] = [];

const server = createServer(async (request, response) => {
  const form = new URLSearchParams(await text(request));
  const topic = form.get('TopicArn') ?? '';
  if (gone.has(topic)) return notThere(response);
  published.push({ topic, subject: form.get('Subject'), text: form.get('Message') ?? '' });
  response.end('<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>');
});

/** @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors */
function notThere(response: ServerResponse): void {
  const error =
    '<Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message></Error>';
  response.writeHead(404, { 'content-type': 'text/xml' });
  response.end(`<ErrorResponse>${error}<RequestId>1</RequestId></ErrorResponse>`);
}

let client: SNSClient;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new SNSClient({
    region: 'eu-central-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
});

afterAll(() => {
  client.destroy();
  server.close();
  server.closeAllConnections();
});

beforeEach(() => {
  published.length = 0;
  written.length = 0;
  gone.clear();
});

function tell(notifiers: Readonly<Record<string, NotifierConfig>>, message: Partial<Message>): Promise<void> {
  const place = { environment: 'prod', account: '111122223333', region: 'eu-central-1', partition: 'aws' };
  const at = {
    place,
    notifiers,
    sns: async () => client,
    secret: async () => 's3cret',
    write: (line: string) => void written.push(JSON.parse(line)),
  };
  return tellPeople(at, { ...FAILED, ...message });
}

const FAILED: Message = {
  kind: 'failed',
  at: '2026-01-06T00:10:00Z',
  dagId: 'sales',
  runId: '2026-01-05T00:00:00Z',
  owner: 'ann',
  subject: 'sales › load failed: größer als “erwartet”',
  text: 'load: Error: broken\nfor 3 min',
  command: 'tutti show sales --env prod',
  to: [],
};

test('mail has a subject of one line that SNS takes, and all of the text', async () => {
  await tell({}, {});
  expect(published).toEqual([
    {
      topic: ALERTS,
      subject: 'sales > load failed: gr er als erwartet',
      text: 'sales › load failed: größer als “erwartet”\n\nload: Error: broken\nfor 3 min\n\ntutti show sales --env prod',
    },
  ]);
  await tell({}, { subject: `${'x'.repeat(200)}\n` });
  expect(published[1]?.subject).toBe(`${'x'.repeat(97)}...`);
});

test('a chat is told by a notification of its own form', async () => {
  await tell({ default: { kind: 'sns', topicArn: `${PREFIX}chat`, format: 'chat' } }, {});
  const [{ topic, subject, text: sent } = { topic: '', subject: '', text: '{}' }] = published;
  expect([topic, subject]).toEqual([`${PREFIX}chat`, null]);
  expect(JSON.parse(sent)).toEqual({
    version: '1.0',
    source: 'custom',
    content: {
      textType: 'client-markdown',
      title: ':x: sales › load failed: größer als “erwartet”',
      description: 'load: Error: broken\nfor 3 min',
      nextSteps: ['`tutti show sales --env prod`'],
      keywords: ['tutti', 'sales', 'ann'],
    },
    metadata: {
      threadId: 'sales/2026-01-05T00:00:00Z',
      summary: 'sales › load failed: größer als “erwartet”',
      eventType: 'failed',
    },
  });
});

const TWO: Readonly<Record<string, NotifierConfig>> = {
  team: { kind: 'sns', topicArn: `${PREFIX}team` },
  boss: { kind: 'sns', topicArn: `${PREFIX}boss` },
};

test('a topic that is gone keeps nobody else from being told; alerts hears what it did not', async () => {
  gone.add(`${PREFIX}team`);
  await tell(TWO, { to: ['team', 'boss'] });
  expect(published.map(({ topic }) => topic)).toEqual([`${PREFIX}boss`, ALERTS]);
  expect(published[1]?.text).toContain(
    `${PREFIX}team could not be told: NotFoundException: Topic does not exist`,
  );
  expect(written).toEqual([
    {
      level: 'ERROR',
      message: `notifier › ${PREFIX}team: must take the message, got NotFoundException: Topic does not exist; mend it, or name another one`,
      notification: FAILED.subject,
    },
  ]);
});

test('what somebody took is not handed over again, what nobody took is', async () => {
  gone.add(`${PREFIX}team`).add(ALERTS);
  await tell(TWO, { to: ['team', 'boss'] });
  gone.add(`${PREFIX}boss`);
  await expect(tell(TWO, { to: ['team', 'boss'] })).rejects.toMatchObject({ name: 'NotFoundException' });
  await expect(tell({}, {})).rejects.toMatchObject({ name: 'NotFoundException' });
  expect(published.map(({ topic }) => topic)).toEqual([`${PREFIX}boss`]);
});
