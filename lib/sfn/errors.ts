/** An error as the API answers it: `code` is what SDKs name the exception by. */
export class SfnError extends Error {
  override readonly name = 'SfnError';
  /** AWS's name: `StateMachineDoesNotExist`, `ValidationException`. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A parameter that does not fit. @see https://docs.aws.amazon.com/step-functions/latest/apireference/CommonErrors.html */
export function validation(message: string): SfnError {
  return new SfnError('ValidationException', message);
}

export function invalidArn(why: string): SfnError {
  return new SfnError('InvalidArn', `Invalid Arn: '${why}'`);
}

/** A page's token that this server did not give for this list. */
export function invalidToken(): SfnError {
  return new SfnError('InvalidToken', "Invalid Token: 'Invalid token'");
}

export function missingMachine(arn: string): SfnError {
  return new SfnError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
}
