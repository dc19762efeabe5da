import type { Command } from 'commander';
import { RefusedError } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Context } from '../program.ts';

const SHELLS: Readonly<Record<string, (commands: readonly CommandWords[]) => string>> = { bash, zsh, fish };

/** One command with the flags it takes. */
interface CommandWords {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly { readonly flag: string; readonly summary: string }[];
  /** True where its first argument, or that of a command below it, is the id of a DAG. */
  readonly takesDag: boolean;
  /** Names of the commands below it. */
  readonly below: readonly string[];
}

/**
 * Prints a shell's completion script: commands, flags, and the ids of the DAGs, which the script asks
 * `tutti list` for. It is made from the program itself, so it cannot be out of date.
 */
export async function completion(context: Context, program: Command, shell: string): Promise<ExitCode> {
  const script = SHELLS[shell];
  if (script === undefined) {
    const near = nearest(shell, Object.keys(SHELLS));
    const remedy = near === undefined ? 'write bash, zsh or fish' : `did you mean "${near}"?`;
    throw new RefusedError(
      'usage',
      `tutti completion › shell: must be bash, zsh or fish, got "${shell}"; ${remedy}`,
    );
  }
  const text = script(words(program));
  context.terminal.json({ shell, script: text });
  context.terminal.print(text.trimEnd());
  return EXIT.ok;
}

function words(program: Command): readonly CommandWords[] {
  const shared = flagsOf(program);
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => ({
      name: command.name(),
      summary: command.description(),
      flags: unique([...flagsOf(command), ...command.commands.flatMap(flagsOf), ...shared]),
      takesDag: [command, ...command.commands].some(takesDag),
      below: command.commands.map((each) => each.name()),
    }));
}

function takesDag({ registeredArguments }: Command): boolean {
  return /^dags?$/.test(registeredArguments[0]?.name() ?? '');
}

function unique(flags: CommandWords['flags']): CommandWords['flags'] {
  return [...new Map(flags.map((each) => [each.flag, each])).values()];
}

function flagsOf(command: Command): CommandWords['flags'] {
  return command.options.flatMap((option) =>
    option.long === undefined || option.long === null
      ? []
      : [{ flag: option.long, summary: option.description }],
  );
}

function bash(commands: readonly CommandWords[]): string {
  const cases = commands.map(({ name, flags, takesDag, below }) => {
    const ids = takesDag ? ' $(_tutti_dags)' : '';
    return `    ${name}) words="${[...below, ...flags.map(({ flag }) => flag)].join(' ')}${ids}" ;;`;
  });
  return `# tutti: put this into ~/.bashrc:  eval "$(tutti completion bash)"
_tutti_dags() { tutti list --names 2>/dev/null; }
_tutti() {
  local current="\${COMP_WORDS[COMP_CWORD]}" command="" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) command="$word"; break ;; esac
  done
  case "$command" in
${cases.join('\n')}
    *) words="${commands.map(({ name }) => name).join(' ')} --help --version" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _tutti tutti
`;
}

function zsh(commands: readonly CommandWords[]): string {
  const cases = commands.map(({ name, flags, takesDag, below }) => {
    const first = [...below, ...(takesDag ? ['$(_tutti_dags)'] : [])].join(' ');
    const other = below.length > 0 && takesDag ? "'2:dag:($(_tutti_dags))' " : '';
    const ids = first === '' ? '' : `'1:what:(${first})' ${other}`;
    return `    ${name}) _arguments ${ids}${flags.map(({ flag, summary }) => `'${flag}[${zshText(summary)}]'`).join(' ')} '*:file:_files' ;;`;
  });
  return `#compdef tutti
# tutti: put this into ~/.zshrc after compinit:  eval "$(tutti completion zsh)"
_tutti_dags() { tutti list --names 2>/dev/null }
_tutti() {
  if (( CURRENT == 2 )); then
    local -a commands=(${commands.map(({ name, summary }) => `'${name}:${zshText(summary)}'`).join(' ')})
    _describe command commands
    return
  fi
  local command="\${words[2]}"
  words=("\${words[1]}" "\${(@)words[3,-1]}"); (( CURRENT-- ))
  case "$command" in
${cases.join('\n')}
  esac
}
compdef _tutti tutti
`;
}

function fish(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap(({ name, summary, flags, takesDag, below }) => [
    `complete -c tutti -n __fish_use_subcommand -f -a ${name} -d '${fishText(summary)}'`,
    ...flags.map(
      ({ flag, summary: about }) =>
        `complete -c tutti -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)} -d '${fishText(about)}'`,
    ),
    ...(below.length > 0
      ? [`complete -c tutti -n '__fish_seen_subcommand_from ${name}' -f -a '${below.join(' ')}'`]
      : []),
    ...(takesDag
      ? [
          `complete -c tutti -n '__fish_seen_subcommand_from ${name}' -f -a '(tutti list --names 2>/dev/null)'`,
        ]
      : []),
  ]);
  return `# tutti: put this into ~/.config/fish/completions/tutti.fish\n${lines.join('\n')}\n`;
}

/** Quotes, brackets and colons mean something to zsh's `_arguments`. */
function zshText(text: string): string {
  return text.replaceAll("'", '’').replaceAll(/[[\]:]/g, ' ');
}

function fishText(text: string): string {
  return text.replaceAll("'", '’');
}
