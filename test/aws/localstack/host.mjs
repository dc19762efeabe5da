/**
 * One execution environment of one function: loads the handler of the deployed bundle, is asked by lines of JSON on stdin and
 * answers on the pipe whose number it is given. What the handler prints is what it logs.
 */
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';

const { env } = process;
// Whatever signs with it: the gateway then knows who asks, and can end it.
env.AWS_ACCESS_KEY_ID = `${env.AWS_LAMBDA_FUNCTION_NAME}.${process.pid}`;
const pipe = createWriteStream('', { fd: Number(process.argv[2]) });
const tell = (answer) => pipe.write(`${JSON.stringify(answer)}\n`);
const errorOf = (thrown) => ({
  errorType: thrown?.name ?? 'Error',
  errorMessage: thrown?.message ?? String(thrown),
  trace: String(thrown?.stack ?? '').split('\n'),
});

let logs = '';
let request = '';
for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream);
  stream.write = (chunk, ...rest) => {
    logs += chunk;
    return write(chunk, ...rest);
  };
}
if (env.AWS_LAMBDA_LOG_FORMAT === 'JSON') {
  const levels = { log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR', debug: 'DEBUG', trace: 'TRACE' };
  for (const [method, level] of Object.entries(levels)) console[method] = (...said) => line(level, said);
}

function line(level, said) {
  const message = said.length === 1 && typeof said[0] === 'object' ? said[0] : format(...said);
  process.stdout.write(
    `${JSON.stringify({ timestamp: new Date().toISOString(), level, requestId: request, message })}\n`,
  );
}

async function load() {
  const [, file, name] = /^(.*)\.([^.]+)$/.exec(env._HANDLER);
  const module = await import(pathToFileURL(`${env.LAMBDA_TASK_ROOT}/${file}.mjs`).href);
  return module[name];
}

async function invoke(handler, { id, arn, payload, timeout }) {
  const end = Date.now() + timeout * 1000;
  request = id;
  logs = '';
  const context = {
    awsRequestId: id,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    invokedFunctionArn: arn,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => end - Date.now(),
  };
  try {
    const reply = await handler(JSON.parse(payload || 'null'), context);
    tell({ failed: false, payload: JSON.stringify(reply ?? null), logs });
  } catch (thrown) {
    const error = errorOf(thrown);
    line('ERROR', [error]);
    tell({ failed: true, payload: JSON.stringify(error), logs });
  }
}

let handler;
try {
  handler = await load();
} catch (thrown) {
  tell({ error: errorOf(thrown) });
}
if (handler !== undefined) {
  tell({ ready: true });
  for await (const text of createInterface({ input: process.stdin })) await invoke(handler, JSON.parse(text));
}
