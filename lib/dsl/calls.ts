import type { Duration } from '../base/duration.ts';
import { isObject, type Json } from '../base/json.ts';
import type { Call } from '../engines/engine.ts';
import type { CallNode } from '../model/task.ts';
import type { CallSite } from './declaration.ts';
import { FN_OPTIONS, isFn, noBody } from './fn.ts';
import { kindOf } from './kind-of.ts';
import { knownOptions } from './options.ts';
import { placed, withoutUndefined } from './placed.ts';
import { isWait } from './waits.ts';

/** A task's call as plain data; a function's body is kept aside. */
export function callNode(site: CallSite, call: unknown, timeout?: Duration): CallNode {
  if (isWait(call)) return call.node(site, timeout);
  if (isFn(call)) {
    const { memory, ephemeralStorage, vpc } = call.options;
    return withoutUndefined<CallNode>({
      kind: 'fn',
      inputs: inputsOf(site, call),
      memory,
      ephemeralStorage,
      vpc,
    });
  }
  if (!isCall(call)) {
    refuseCall(site, call);
    return { kind: 'fn', inputs: null };
  }
  const { engine, connection, local } = call;
  const args = site.read(call.args, '');
  if (connection !== undefined) site.declaration.addConnection(connection);
  return withoutUndefined<CallNode>({
    kind: 'engine',
    engine,
    connection: connection?.name,
    args: isObject(args) ? args : {},
    local,
  });
}

/** Inputs of a function as plain data; `null` where its body takes its context alone. */
export function inputsOf(site: CallSite, call: unknown): Json {
  if (!isFn(call) || call.body === noBody) {
    refuseCall(site, call);
    return null;
  }
  knownOptions(call.options, FN_OPTIONS, `task "${site.id}" › fn`, site.at);
  site.declaration.bodies.set(site.id, call.body);
  return call.inputs === null ? null : site.read(call.inputs, 'inputs');
}

function refuseCall({ declaration, id, at }: CallSite, call: unknown): void {
  const got = isFn(call) ? 'an fn without function' : kindOf(call);
  declaration.refuse({
    code: 'not-a-call',
    path: `task "${id}"`,
    message: `must be what fn(…), a connection or an engine makes, got ${got}`,
    remedy: 'write fn(async () => …)',
    ...placed(at),
  });
}

function isCall(call: unknown): call is Call<unknown> {
  return isObject(call) && typeof call['engine'] === 'string' && isObject(call['args']);
}
