/**
 * The functions an expression may call: those of JSONata 2.0.6 without `$eval`, and AWS's own.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#jsonata-functions-provided-by-step-functions
 */
export const FUNCTIONS: ReadonlySet<string> = new Set(
  [
    'sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad',
    'match contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round',
    'abs sqrt power random boolean not map zip filter single reduce sift keys lookup append exists spread merge',
    'reverse each error assert type sort shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl',
    'decodeUrlComponent decodeUrl toMillis fromMillis clone now millis',
    'parse partition range hash uuid',
  ].flatMap((names) => names.split(' ')),
);
