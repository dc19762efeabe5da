/** Which assets have to be updated before a run: one, any or all of several. */
export type AssetCondition =
  | { readonly asset: string }
  | { readonly any: readonly AssetCondition[] }
  | { readonly all: readonly AssetCondition[] };

/** True when the condition holds with these assets updated. */
export function isMet(condition: AssetCondition, updated: ReadonlySet<string>): boolean {
  if ('asset' in condition) return updated.has(condition.asset);
  if ('any' in condition) return condition.any.some((one) => isMet(one, updated));
  return condition.all.every((one) => isMet(one, updated));
}
