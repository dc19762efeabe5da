import { malformed } from './item.ts';

/** Reads an expression word by word. */
export class Tokens {
  readonly #source: string;
  readonly #tokens: readonly string[];
  #at = 0;
  /** Placeholders met, `#name` and `:value`: DynamoDB refuses a request that gives others. */
  readonly used = new Set<string>();

  constructor(source: string) {
    this.#source = source;
    this.#tokens = split(source);
  }

  /** The next word, without taking it; `''` at the end. */
  get next(): string {
    return this.#tokens[this.#at] ?? '';
  }

  /** Takes the next word. */
  take(): string {
    const token = this.next;
    if (token === '') throw this.error('unexpected end');
    this.#at++;
    if (token.startsWith('#') || token.startsWith(':')) this.used.add(token);
    return token;
  }

  /** Takes the next word where it is `word` (keywords in any case). */
  skip(word: string): boolean {
    if (this.next.toUpperCase() !== word) return false;
    this.#at++;
    return true;
  }

  expect(word: string): void {
    if (!this.skip(word)) throw this.error(`${word} expected`);
  }

  error(what: string): Error {
    const near = this.next === '' ? 'the end' : `"${this.next}"`;
    return malformed(`Invalid expression: Syntax error; ${what} near ${near} in "${this.#source}"`);
  }
}

const TOKEN = /\s*(<=|>=|<>|[=<>()+\-,.[\]]|[#:]?[A-Za-z0-9_]+)/y;

function split(source: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const end = source.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const [, token] = TOKEN.exec(source) ?? [];
    if (token === undefined) {
      throw malformed(`Invalid expression: Syntax error; token: "${source.slice(from, from + 10)}"`);
    }
    tokens.push(token);
  }
  if (tokens.length === 0) throw malformed('Invalid expression: The expression can not be empty');
  return tokens;
}
