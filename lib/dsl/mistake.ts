declare const mistake: unique symbol;

/** A type nobody can make: it carries the text that a wrong argument is refused with. */
export interface Mistake<Text extends string> {
  readonly [mistake]: Text;
}
