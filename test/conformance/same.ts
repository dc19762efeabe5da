/** Values of a recording that stand for others. */
export interface Placeholders {
  /** Parts of texts that stand for any text. */
  readonly placeholders?: readonly string[];
  /** Texts that stand for any value. */
  readonly literalPlaceholders?: readonly string[];
}

/** Whether a value is the recorded one: placeholders match anything, all else exactly, as JSON. */
export function same(recorded: unknown, got: unknown, marks: Placeholders = {}): boolean {
  if (typeof recorded === 'string') return sameText(recorded, got, marks);
  if (typeof recorded !== 'object' || recorded === null) return recorded === got;
  if (Array.isArray(recorded)) {
    return (
      Array.isArray(got) &&
      got.length === recorded.length &&
      recorded.every((item, index) => same(item, got[index], marks))
    );
  }
  if (typeof got !== 'object' || got === null || Array.isArray(got)) return false;
  const keys = Object.keys(recorded);
  const member = (object: object, key: string): unknown => Reflect.get(object, key);
  return (
    keys.length === Object.keys(got).length &&
    keys.every((key) => key in got && same(member(recorded, key), member(got, key), marks))
  );
}

function sameText(recorded: string, got: unknown, marks: Placeholders): boolean {
  if (marks.literalPlaceholders?.includes(recorded)) return true;
  const used = (marks.placeholders ?? []).filter((mark) => recorded.includes(mark));
  if (used.length === 0) return recorded === got;
  const pattern = used.reduce((text, mark) => text.replaceAll(escaped(mark), '[\\s\\S]*'), escaped(recorded));
  return new RegExp(`^${pattern}$`).test(typeof got === 'string' ? got : String(JSON.stringify(got)));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
