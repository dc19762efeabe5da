/** A set of small whole numbers, one bit each: closures of 10,000 tasks fit in 12 MB. */
export class Bits {
  readonly #words: Uint32Array;

  constructor(size: number) {
    this.#words = new Uint32Array((size + 31) >>> 5);
  }

  has(index: number): boolean {
    return (((this.#words[index >>> 5] ?? 0) >>> (index & 31)) & 1) === 1;
  }

  add(index: number): void {
    const word = index >>> 5;
    this.#words[word] = (this.#words[word] ?? 0) | (1 << (index & 31));
  }

  addAll(other: Bits): void {
    const theirs = other.#words;
    for (let word = 0; word < theirs.length; word++) {
      this.#words[word] = (this.#words[word] ?? 0) | (theirs[word] ?? 0);
    }
  }
}
