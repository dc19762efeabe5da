/** Who signed what the emulator is asked. */
import type { IncomingMessage } from 'node:http';
import { SECRET } from './credentials.ts';
import { type Sent, signatureOf } from './sigv4.ts';

/** Access key of the one who signed a request to a function URL; undefined: nobody did. */
export function signerOf(incoming: IncomingMessage, body: Buffer): string | 'wrong' | undefined {
  if (incoming.headers.authorization === undefined) return undefined;
  const signature = signatureOf(sentBy(incoming, body));
  const isRight = signature?.service === 'lambda' && signature.names.includes('host');
  return isRight && signature.isMadeWith(SECRET) ? signature.accessKeyId : 'wrong';
}

export function sentBy({ method = '', url = '/', headers }: IncomingMessage, body: Buffer): Sent {
  return { method, url, body, header: (name) => headers[name]?.toString() };
}
