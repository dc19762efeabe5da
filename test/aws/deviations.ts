/**
 * Where the emulator is known to differ from AWS. What `localstack/` mends or adds is listed with the reason; a difference in a
 * history that is listed and not seen is a failure.
 */

/** Differences of histories, by the check in which each shows. */
export const DEVIATIONS: readonly { readonly title: string; readonly why: string }[] = [];
