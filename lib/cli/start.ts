import module from 'node:module';

const NEEDED_NODE = 24;

/**
 * Starts the command line and ends the process with its exit code. Imports nothing else at first, so
 * that an old Node gets an answer instead of a syntax error, and the rest comes from the compile cache.
 */
export async function start(argv: readonly string[]): Promise<void> {
  const version = process.versions.node;
  if (Number.parseInt(version, 10) < NEEDED_NODE) {
    process.stderr.write(
      `tutti › node: must be ${NEEDED_NODE} or newer, got ${version}; install it, or give this project its own: npm install --save-dev node@${NEEDED_NODE}, then npx tutti\n`,
    );
    process.exit(1);
  }
  module.enableCompileCache();
  const { main } = await import('./main.ts');
  // Without waiting for what a task left behind: an open socket, a timer, a child process.
  process.exit(await main(argv));
}
