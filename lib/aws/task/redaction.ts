/** Keeps secrets out of what is told: logs and errors are read by more people than secrets are for. */

/** What stands for a secret. */
const HIDDEN = '***';

/** Secrets shorter than this are hidden only where they are the whole text: else they would hide every `1`. */
const SHORTEST_PART = 4;

/** Texts inside a secret that is JSON count as secrets from this length on: shorter ones are user names and ports. */
const SHORTEST_INSIDE = 8;

export class Redaction {
  readonly #whole = new Set<string>();
  readonly #parts = new Set<string>();

  /** From here on `secret` is not told, nor what is in it where it is JSON. */
  add(secret: string): void {
    if (this.#whole.has(secret) || secret === '') return;
    this.#whole.add(secret);
    const inside = textsIn(parsed(secret)).filter((text) => text.length >= SHORTEST_INSIDE);
    for (const text of [secret, ...inside])
      if (text.length >= SHORTEST_PART) for (const form of formsOf(text)) this.#parts.add(form);
  }

  text(text: string): string {
    if (this.#whole.has(text)) return HIDDEN;
    let hidden = text;
    // Longest first: one secret may be a part of another.
    for (const part of [...this.#parts].sort((a, b) => b.length - a.length))
      hidden = hidden.replaceAll(part, HIDDEN);
    return hidden;
  }

  /** JSON with every text, number and name in it as it may be told. */
  json(value: unknown): unknown {
    if (this.#whole.size === 0) return value;
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'number') return this.#whole.has(String(value)) ? HIDDEN : value;
    if (Array.isArray(value)) return value.map((each) => this.json(each));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [this.text(name), this.json(each)]),
    );
  }
}

/** A secret as it is, and as it stands in JSON, in a URL, and in base64. */
function formsOf(text: string): readonly string[] {
  const json = JSON.stringify(text).slice(1, -1);
  return [text, json, encodeURIComponent(text), Buffer.from(text).toString('base64')];
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
