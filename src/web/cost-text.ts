/** Dollars for people: `$0.41`, `under $0.01`; `price unknown` for null. */
export function costText(usd: number | null): string {
  if (usd === null) return 'price unknown'
  if (usd > 0 && usd < 0.01) return 'under $0.01'
  return `$${usd.toFixed(2)}`
}
