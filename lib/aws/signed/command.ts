/**
 * Calls of AWS in the SDK's own words, `client.send(new QueryCommand({ … }))`, so that who reads or extends an engine finds
 * what AWS documents; types are the SDK's, its code is not loaded.
 */

/** One operation and its input. */
export interface Command<Output> {
  readonly name: string;
  readonly input: object;
  /**
   * Twice it is not the same as once: it is not sent again where the service perhaps has taken it. Of calls of functions.
   *
   * @default false
   */
  readonly once?: boolean;
  /** Never there: it carries the type. */
  readonly output?: Output;
}

/** Sends commands of one service. */
export interface AwsClient {
  /** @throws {Error} whose `name` is AWS's code, with `$metadata.httpStatusCode` */
  send<Output>(command: Command<Output>): Promise<Output>;
}

/** The class of commands of one operation. */
export function commandOf<Input extends object, Output>(name: string) {
  return class implements Command<Omit<Output, '$metadata'>> {
    readonly name = name;
    readonly input: Input;
    declare readonly output?: Omit<Output, '$metadata'>;

    constructor(input: Input) {
      this.input = input;
    }
  };
}
