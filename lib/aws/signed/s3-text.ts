/** How S3 writes keys, lists and errors. */

/** As AWS encodes keys and parameters: everything but letters, digits and `-_.~`. */
export function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A key as it stands in a URL. */
export function keyPath(key: string): string {
  return key.split('/').map(encoded).join('/');
}

/** Keys in a page of a list that was asked for with `encoding-type=url`. */
export function keysIn(page: string): readonly string[] {
  return [...page.matchAll(/<Contents>.*?<Key>([^<]*)<\/Key>/gs)].map(([, key = '']) =>
    decodeURIComponent(key.replaceAll('+', ' ')),
  );
}

export function textIn(xml: string, name: string): string | undefined {
  const [, text] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml) ?? [];
  return text?.replace(/&(lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};
