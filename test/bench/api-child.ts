/**
 * Asks a server on this machine as fast as it answers, over kept connections: `api-child.ts <url> <requests>`, paths as
 * JSON on standard input. Prints requests a second; fails where an answer is not 200.
 */
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';

const CONNECTIONS = 16;
const [url = '', count = '0'] = process.argv.slice(2);
const asked = JSON.parse(readFileSync(0, 'utf8')) as readonly string[];
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

await askAll(Math.min(500, Number(count)));
const begin = process.hrtime.bigint();
await askAll(Number(count));
process.stdout.write(`${Number(count) / (Number(process.hrtime.bigint() - begin) / 1e9)}\n`);
agent.destroy();

async function askAll(requests: number): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < requests) await ask(asked[next++ % asked.length] ?? '');
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
}

function ask(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(`${url}${path}`, { agent }, (response) => {
      response.resume();
      response.on('error', reject);
      response.on('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`${path}: ${response.statusCode}`)),
      );
    }).on('error', reject);
  });
}
