/** What functions sign their requests with in tests, and whether they did. */
import type { IncomingMessage } from 'node:http';
import { sentBy } from '../signature.ts';
import { signatureOf } from '../sigv4.ts';

export const CREDENTIALS = {
  accessKeyId: 'AKIDTUTTI',
  secretAccessKey: 'wJalrXUtnFEMI',
  sessionToken: 'session',
};

export function isSigned(service: string, incoming: IncomingMessage, body: Buffer): boolean {
  const signature = signatureOf(sentBy(incoming, body));
  return (
    signature?.accessKeyId === CREDENTIALS.accessKeyId &&
    incoming.headers['x-amz-security-token'] === CREDENTIALS.sessionToken &&
    signature.region === 'eu-central-1' &&
    signature.service === service &&
    signature.isMadeWith(CREDENTIALS.secretAccessKey)
  );
}
