/** Who is told on AWS of what happens to runs: topics and webhooks by the environment's `notifiers`. */
import type { PublishCommandInput, SNSClient } from '@aws-sdk/client-sns';
import { errorText } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { type AwsPlace, arnOf, topicName } from '../deployment/names.ts';
import type { NotifierConfig } from '../model/environment.ts';
import type { Message } from '../orchestrator/ports.ts';
import { post } from '../runtime/webhook.ts';

export interface NotifierPlace {
  readonly place: AwsPlace;
  readonly notifiers: Readonly<Record<string, NotifierConfig>>;
  readonly sns: () => Promise<Pick<SNSClient, 'send'>>;
  /** The value of a secret by its name or ARN. */
  readonly secret: (name: string) => Promise<string>;
  /** Writes a line of the function's log. */
  readonly write: (line: string) => void;
}

/** Longest subject of SNS. @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const MOST_SUBJECT = 100;

/** Longest message, bytes, less what surrounds its text in JSON. */
const MOST_TEXT = 200_000;

/**
 * Hands a message to the notifiers that it names; to none, to the one named `default`, else to the topic `alerts`. One
 * that is not configured here is the topic `alerts`, too, and that is told what another one does not take: no message
 * goes nowhere.
 *
 * @throws {Error} where nobody took it
 */
export async function tellPeople(at: NotifierPlace, message: Message): Promise<void> {
  const names = message.to.length === 0 ? ['default'] : message.to;
  const targets = new Map(names.map((name) => targetOf(at, name)));
  const tries = [];
  for (const [key, target] of targets) tries.push(await tried(at, { key, target, message }));
  const failures = tries.filter((failure) => failure !== undefined);
  if (failures.length === 0) return;
  const alerts = alertsOf(at.place);
  const handed = { key: alerts.topicArn, target: alerts, message: withFailures(message, failures) };
  if (!targets.has(alerts.topicArn) && (await tried(at, handed)) === undefined) return;
  // Else who was told would be told again by each sweep.
  if (failures.length === targets.size) throw failures[0]?.error;
}

interface Failure {
  readonly key: string;
  readonly error: unknown;
}

interface Handed {
  readonly key: string;
  readonly target: Target;
  readonly message: Message;
}

/** Hands it over; a failure is in the log. */
async function tried(at: NotifierPlace, { key, target, message }: Handed): Promise<Failure | undefined> {
  try {
    await send(at, target, message);
    return undefined;
  } catch (error) {
    const text = `notifier › ${key}: must take the message, got ${errorText(error)}; mend it, or name another one`;
    at.write(`${JSON.stringify({ level: 'ERROR', message: text, notification: message.subject })}\n`);
    return { key, error };
  }
}

function withFailures(message: Message, failures: readonly Failure[]): Message {
  const lines = failures.map(({ key, error }) => `${key} could not be told: ${errorText(error)}`);
  return { ...message, text: [message.text, ...lines].filter((line) => line !== '').join('\n') };
}

type Target =
  | Exclude<NotifierConfig, { readonly kind: 'sns' }>
  | { readonly kind: 'sns'; readonly topicArn: string; readonly format: 'text' | 'chat' };

function alertsOf(place: AwsPlace): Extract<Target, { readonly kind: 'sns' }> {
  return { kind: 'sns', topicArn: arnOf(place, 'sns', topicName(place.environment)), format: 'text' };
}

/** By what tells it from others: two names of one topic are told once. */
function targetOf({ place, notifiers }: NotifierPlace, name: string): readonly [key: string, Target] {
  const config = Object.hasOwn(notifiers, name) ? notifiers[name] : undefined;
  if (config !== undefined && config.kind !== 'sns') return [`${config.kind} ${name}`, config];
  const own = config === undefined ? topicName(place.environment) : topicName(place.environment, name);
  const topicArn = config?.topicArn ?? arnOf(place, 'sns', own);
  return [topicArn, { kind: 'sns', topicArn, format: config?.format ?? 'text' }];
}

async function send(at: NotifierPlace, target: Target, message: Message): Promise<void> {
  switch (target.kind) {
    case 'console':
      at.write(`${JSON.stringify({ level: 'info', message: message.subject, notification: message })}\n`);
      return;
    case 'webhook':
      await post(target, message, target.secret === undefined ? undefined : await at.secret(target.secret));
      return;
    case 'sns': {
      const { PublishCommand } = await import('@aws-sdk/client-sns');
      const client = await at.sns();
      const shown = target.format === 'chat' ? chatMessage(message) : mail(message);
      await client.send(new PublishCommand({ TopicArn: target.topicArn, ...shown }));
    }
  }
}

/** What a person reads: SNS takes one line of ASCII as the subject. */
function mail(message: Message): Pick<PublishCommandInput, 'Subject' | 'Message'> {
  const { subject, text, command } = message;
  const lines = [
    subject,
    '',
    ...(text === '' ? [] : [text]),
    ...(command === undefined ? [] : ['', command]),
  ];
  return { Subject: subjectOf(subject), Message: cut(lines.join('\n')) };
}

function subjectOf(subject: string): string {
  const line = subject
    .replaceAll('›', '>')
    .replaceAll(/[^!-~]+/g, ' ')
    .trim();
  return line.length > MOST_SUBJECT ? `${line.slice(0, MOST_SUBJECT - 3)}...` : line;
}

/** @see https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html */
function chatMessage(message: Message): Pick<PublishCommandInput, 'Message'> {
  const { subject, text, command, dagId, runId, kind, owner } = message;
  const notification: JsonObject = {
    version: '1.0',
    source: 'custom',
    content: {
      textType: 'client-markdown',
      title: `${MARKS[kind]} ${subject}`,
      description: cut(text === '' ? subject : text),
      ...(command === undefined ? {} : { nextSteps: [`\`${command}\``] }),
      keywords: ['tutti', dagId, ...(owner === undefined ? [] : [owner])],
    },
    metadata: {
      threadId: runId === undefined ? dagId : `${dagId}/${runId}`,
      summary: subject,
      eventType: kind,
    },
  };
  return { Message: JSON.stringify(notification) };
}

const MARKS: Readonly<Record<Message['kind'], string>> = {
  failed: ':x:',
  recovered: ':white_check_mark:',
  late: ':hourglass:',
  success: ':white_check_mark:',
  retry: ':repeat:',
  skipped: ':fast_forward:',
  paused: ':double_vertical_bar:',
};

function cut(text: string): string {
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
}
