/** Checks who signed a request to a deployment, with what AWS says of signatures that it refuses. */
import { type Sent, signatureOf } from '../aws/sigv4.ts';

export interface Principal {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
  readonly userArn: string;
}

export interface Checked {
  readonly principals: readonly Principal[];
  readonly region: string;
  readonly service: string;
  readonly nowMs: number;
}

/** Who signed it, or what AWS says of the signature. */
export function checkedSignature(
  request: Request,
  body: Uint8Array,
  { principals, region, service, nowMs }: Checked,
): { readonly principal: Principal } | { readonly refused: string } {
  const signature = signatureOf(sentBy(request, body));
  if (signature === undefined) return { refused: 'Missing Authentication Token' };
  const principal = principals.find(({ accessKeyId }) => accessKeyId === signature.accessKeyId);
  const token = request.headers.get('x-amz-security-token');
  if (principal === undefined || token !== (principal.sessionToken ?? null))
    return { refused: 'The security token included in the request is invalid.' };
  if (signature.region !== region || signature.service !== service)
    return { refused: `Credential should be scoped to correct service: '${service}'.` };
  const { date, names } = signature;
  if (Math.abs(instantOf(date) - nowMs) > 300_000)
    return { refused: `Signature expired: ${date} is now earlier than it may be` };
  if (!names.includes('host') || !names.includes('x-amz-date'))
    return { refused: "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization." };
  if (!signature.isMadeWith(principal.secretAccessKey))
    return {
      refused:
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
    };
  return { principal };
}

function sentBy({ method, url, headers }: Request, body: Uint8Array): Sent {
  const { pathname, search } = new URL(url);
  return { method, url: `${pathname}${search}`, body, header: (name) => headers.get(name) ?? undefined };
}

function instantOf(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
