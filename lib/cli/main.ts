import { CommanderError } from 'commander';
import { RefusedError } from '../base/errors.ts';
import { offerDoor } from '../project/doors.ts';
import { EXIT, type ExitCode, errorDocument, exitCodeOf } from './exit.ts';
import { buildProgram } from './program.ts';
import { processTerminal, type Terminal } from './terminal.ts';

offerDoor('tutti/testing', () => import('../testing.ts'));

/** Runs one command line to its end and gives its exit code. Everything is printed when it resolves. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  // `tutti list | head` closes our standard output early: that is nobody's mistake.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
  });
  // Whoever read our errors is gone: to tell that as an error would fail in the same way, for ever.
  process.stderr.on('error', () => undefined);
  const terminal = processTerminal({
    json: argv.includes('--json'),
    ...(argv.includes('--no-color') ? { color: false } : {}),
  });
  const code = await answer(argv, terminal);
  await terminal.flush();
  return code;
}

async function answer(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = buildProgram(terminal, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    return failed(error, terminal);
  }
}

function failed(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok;
    terminal.json({ error: { code: 'usage', message: usageMessage(error) } });
    return EXIT.usage;
  }
  terminal.json(errorDocument(error));
  terminal.warn(textOf(error, terminal));
  return exitCodeOf(error);
}

/** Commander has printed it already, for a person. */
function usageMessage(error: CommanderError): string {
  return error.message.replace(/^error: /, '').replaceAll('\n', ' ');
}

function textOf(error: unknown, terminal: Terminal): string {
  const known = error instanceof RefusedError || (error instanceof Error && error.name === 'DefinitionError');
  if (known) return terminal.paint('red', error.message);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${terminal.paint('red', 'tutti › internal error: this is a mistake of tutti, not yours')}\n${text}`;
}
