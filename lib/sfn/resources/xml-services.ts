/** SNS and S3, as far as machines and Maps ask them; they answer in XML. */
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Answer } from '../ask.ts';
import { askService, type Outside } from './outside.ts';
import { type Integration, impossible, type Service, serviceError, textArg } from './service.ts';

/** The service behind an integration; `undefined` for what is not known here. */
export function xmlService(outside: Outside, { service, action, isSdk }: Integration): Service | undefined {
  if (service === 'sns' && action === 'publish') return publish(outside, isSdk ? 'Sns' : 'SNS');
  return service === 's3' ? S3[action]?.(outside) : undefined;
}

/** @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
function publish(outside: Outside, prefix: string): Service {
  return async ({ signal }, args) => {
    const form = publishForm(args);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await askService(outside, {
      service: 'sns',
      prefix,
      headers,
      body: form.toString(),
      signal,
    });
    const body = successful(answer, prefix).body;
    const [MessageId, SequenceNumber] = [first(body, 'MessageId'), first(body, 'SequenceNumber')];
    return { MessageId: MessageId ?? '', ...(SequenceNumber === undefined ? {} : { SequenceNumber }) };
  };
}

function publishForm(args: JsonObject): URLSearchParams {
  const form = new URLSearchParams({ Action: 'Publish', Version: '2010-03-31' });
  for (const [name, value] of Object.entries(args)) {
    if (name === 'MessageAttributes' && isObject(value)) addAttributes(form, value);
    else if (value !== undefined) form.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return form;
}

function addAttributes(form: URLSearchParams, attributes: JsonObject): void {
  for (const [index, [name, value]] of Object.entries(attributes).entries()) {
    const at = `MessageAttributes.entry.${index + 1}`;
    form.set(`${at}.Name`, name);
    for (const [part, text] of Object.entries(isObject(value) ? value : {}))
      form.set(`${at}.Value.${part}`, String(text));
  }
}

/** Calls of S3, with paths as emulators take them: `/bucket/key`. @see https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html */
const S3: Readonly<Record<string, ((outside: Outside) => Service) | undefined>> = {
  getObject: (outside) => async (call, args) => {
    const { headers, body } = await s3(outside, { method: 'GET', path: objectPath(args), body: '', ...call });
    return {
      Body: body,
      ContentLength: Number(headers['content-length'] ?? Buffer.byteLength(body)),
      ContentType: headers['content-type'] ?? 'binary/octet-stream',
      ETag: headers['etag'] ?? '',
    };
  },
  putObject: (outside) => async (call, args) => {
    const content = args['Body'] ?? '';
    const body = typeof content === 'string' ? content : JSON.stringify(content);
    const { headers } = await s3(outside, { method: 'PUT', path: objectPath(args), body, ...call });
    return { ETag: headers['etag'] ?? '' };
  },
  listObjectsV2: (outside) => async (call, args) => {
    const query = new URLSearchParams({ 'list-type': '2' });
    for (const [parameter, name] of Object.entries(LIST)) {
      const value = args[name];
      if (value !== undefined && value !== null) query.set(parameter, String(value));
    }
    const path = `/${encodeURIComponent(required(args, 'Bucket'))}?${query}`;
    return listing((await s3(outside, { method: 'GET', path, body: '', ...call })).body);
  },
};

/** Query parameters of ListObjectsV2, and what they are called in a machine. */
const LIST = { prefix: 'Prefix', 'continuation-token': 'ContinuationToken', 'max-keys': 'MaxKeys' };

async function s3(
  outside: Outside,
  ask: {
    readonly method: string;
    readonly path: string;
    readonly body: string;
    readonly signal: AbortSignal;
  },
): Promise<Answer> {
  const { method, path, body, signal } = ask;
  const answer = await askService(outside, {
    service: 's3',
    prefix: 'S3',
    method,
    path,
    headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    body,
    signal,
  });
  return successful(answer, 'S3');
}

function objectPath(args: JsonObject): string {
  const key = required(args, 'Key').split('/').map(encodeURIComponent).join('/');
  return `/${encodeURIComponent(required(args, 'Bucket'))}/${key}`;
}

function required(args: JsonObject, name: string): string {
  const value = textArg(args, name);
  if (value !== undefined && value !== '') return value;
  throw impossible(`The field '${name}' is required but was missing`);
}

function listing(xml: string): JsonObject {
  const Contents: Json = all(xml, 'Contents').map((item) => ({
    Key: first(item, 'Key') ?? '',
    Size: Number(first(item, 'Size') ?? 0),
    ETag: first(item, 'ETag') ?? '',
    LastModified: first(item, 'LastModified') ?? '',
    StorageClass: first(item, 'StorageClass') ?? 'STANDARD',
  }));
  const more = first(xml, 'NextContinuationToken');
  return {
    Contents,
    IsTruncated: first(xml, 'IsTruncated') === 'true',
    ...(more === undefined ? {} : { NextContinuationToken: more }),
  };
}

/** @throws {TaskError} what the service refused with */
function successful(answer: Answer, prefix: string): Answer {
  const { status, headers, body } = answer;
  if (status < 300) return answer;
  const code = first(body, 'Code') ?? `Http${status}`;
  throw serviceError(prefix, {
    code: code.endsWith('Exception') ? code : `${code}Exception`,
    message: first(body, 'Message') ?? body,
    status,
    requestId: headers['x-amzn-requestid'] ?? headers['x-amz-request-id'],
  });
}

function first(xml: string, tag: string): string | undefined {
  const [text] = all(xml, tag);
  return text === undefined ? undefined : unescaped(text);
}

/** What is between the tags of one name; none of these nests in itself. */
function all(xml: string, tag: string): readonly string[] {
  return [...xml.matchAll(new RegExp(`<${tag}(?:\\s[^>]*)?>([\\s\\S]*?)</${tag}>`, 'g'))].map(
    ([, text = '']) => text,
  );
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function unescaped(text: string): string {
  return text.replace(/&(#x[\da-f]+|#\d+|\w+);/gi, (entity, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name] ?? entity;
    const isHex = name[1] === 'x' || name[1] === 'X';
    return String.fromCodePoint(Number.parseInt(name.slice(isHex ? 2 : 1), isHex ? 16 : 10));
  });
}
